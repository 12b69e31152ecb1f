using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>TIES: keeps each source's largest entries, lets them vote on the sign of every entry, and averages those that agree.</summary>
/// <remarks>
/// Yadav et al., "TIES-Merging" (NeurIPS 2023), on the weight differences. The mean is over the number of sources that agree, as
/// in PEFT utils/merge_utils.py@5d602fdb; the vote is of weighted entries, as in mergekit, so that a source with a negative weight
/// votes for what it adds. The merged difference has full rank: it is cut to the rank asked for with a randomised
/// decomposition, and the reported error is what that loses. Uses Density, Rank, ConvRank, Criterion, Threshold and Seed.
/// </remarks>
public sealed class TiesMerge : IMergeMethod
{
    /// <summary>The name it is chosen by.</summary>
    public const string MethodName = "Ties";

    private readonly MergeMethodOptions _options;

    /// <summary>Makes the method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Density is outside its range.</exception>
    public TiesMerge(MergeMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MergeMethodOptions.Share(options.Density, nameof(options.Density));
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => MethodName;

    /// <inheritdoc/>
    public MergedModule Merge(MergeModule merging)
    {
        ArgumentNullException.ThrowIfNull(merging);
        using var scope = NewDisposeScope();
        var factors = RandomisedSvd.Compress(Combine(merging), _options.RuleFor(merging), _options.Seed, merging.RandomItem);
        return MergedModule.Of(factors.MoveToOuterDisposeScope());
    }

    // The merged difference [out, in] before it is cut to a rank.
    private Tensor Combine(MergeModule merging)
    {
        using var scope = NewDisposeScope();
        var shape = new[] { merging.Terms[0].Up.shape[0], merging.Terms[0].Down.shape[1] };
        // One pass over the sources: what both signs would give is kept, and the vote decides between them at the end.
        var (positives, negatives) = (zeros(shape), zeros(shape));
        var (positiveVoters, negativeVoters) = (zeros(shape), zeros(shape));
        foreach (var term in merging.Terms)
        {
            using var inner = NewDisposeScope();
            var entries = Trim(term.Delta()).Times(term.Weight);
            positives.AddInPlace(entries.AtLeast(0));
            negatives.AddInPlace(entries.AtMost(0));
            positiveVoters.AddInPlace(entries.IsAbove(0));
            negativeVoters.AddInPlace(entries.IsBelow(0));
        }

        var positiveWins = positives.Plus(negatives).IsAtLeast(0);
        var total = where(positiveWins, positives, negatives);
        var voters = where(positiveWins, positiveVoters, negativeVoters);
        return (total / voters.AtLeast(1)).MoveToOuterDisposeScope();
    }

    private Tensor Trim(Tensor delta)
    {
        var magnitudes = delta.abs();
        var dropped = delta.numel() - (long)Math.Max(1, Math.Round(_options.Density * delta.numel()));
        if (dropped == 0)
            return delta;
        var threshold = magnitudes.flatten().kthvalue(dropped, 0).values;
        return delta * magnitudes.gt(threshold);
    }
}
