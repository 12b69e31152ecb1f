using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>DARE: drops entries of each weight difference at random, scales the rest up to make good for it, and adds.</summary>
/// <remarks>
/// Yu et al., "Language Models are Super Mario" (ICML 2024), with a weighted sum, on the weight differences; PEFT calls it
/// "dare_linear_svd". The random numbers are named by seed, source and module, so adding a module or a source moves no other
/// number. The merged difference has full rank: it is cut to the rank asked for with a randomised decomposition, and the reported
/// error is what that loses. Uses Density, Rank, ConvRank, Criterion, Threshold and Seed.
/// </remarks>
public sealed class DareMerge : IMergeMethod
{
    /// <summary>The name it is chosen by.</summary>
    public const string MethodName = "Dare";

    private readonly MergeMethodOptions _options;

    /// <summary>Makes the method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Density is outside its range.</exception>
    public DareMerge(MergeMethodOptions options)
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
        var first = merging.Terms[0];
        var sum = zeros(first.Up.shape[0], first.Down.shape[1], dtype: float32);
        for (var i = 0; i < merging.Terms.Count; i++)
        {
            using var inner = NewDisposeScope();
            var term = merging.Terms[i];
            var delta = term.Delta();
            sum.AddInPlace(delta * Mask(delta.shape, merging.Random(_options.Seed, i)), term.Weight / _options.Density);
        }

        return sum.MoveToOuterDisposeScope();
    }

    private Tensor Mask(long[] shape, CounterRandom random)
    {
        var bound = (ulong)(_options.Density * (1UL << 32));
        var kept = new bool[shape[0] * shape[1]];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = random.NextUInt32() < bound;
        return tensor(kept, shape);
    }
}
