using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Adds factors instead of weight differences. Inexact, and only for recipes that were tuned with it.</summary>
/// <remarks>
/// The arithmetic of sd-scripts networks/merge_lora.py@48d368fa: with fᵢ = wᵢ·√(αᵢ/α₁), up = Σ|fᵢ|·upᵢ and down = Σfᵢ·downᵢ, at
/// the first source's alpha. A weight acts squared (0.5 counts as 0.25), and the product holds terms upᵢ·downⱼ of
/// different sources. With Concat the factors are put side by side, which removes those terms but weakens every part, as alpha
/// does not grow with the rank. The reported error is the distance from the exact weighted sum. Block weights are part of wᵢ.
/// Uses Concat and Precision.
/// </remarks>
public sealed class FactorSumMerge : IMergeMethod
{
    /// <summary>The name it is chosen by.</summary>
    public const string MethodName = "FactorSum";

    private readonly MergeMethodOptions _options;

    /// <summary>Makes the method.</summary>
    public FactorSumMerge(MergeMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => MethodName;

    /// <inheritdoc/>
    public MergedModule Merge(MergeModule merging)
    {
        ArgumentNullException.ThrowIfNull(merging);
        using var scope = NewDisposeScope();
        var first = merging.Terms[0];
        var (ups, downs) = (new List<Tensor>(), new List<Tensor>());
        foreach (var term in merging.Terms)
        {
            var factor = term.Weight * Math.Sqrt(Positive(term, merging) / Positive(first, merging));
            ups.Add(term.Up.to(_options.Precision.ToScalarType()).Times(Math.Abs(factor)));
            downs.Add(term.Down.to(_options.Precision.ToScalarType()).Times(factor));
        }

        if (!_options.Concat && merging.Terms.FirstOrDefault(t => t.Rank != first.Rank) is { } other)
        {
            throw new LoraMergeException("LoraRanksDiffer",
                $"{merging.Name} has rank {first.Rank} in one source and rank {other.Rank} in another; {MethodName} adds factors of one rank only. Use Concat, or the method {WeightedSumMerge.MethodName}.", merging.Name);
        }

        var up = _options.Concat ? cat(ups, 1) : ups.Aggregate(TensorArithmetic.Plus);
        var down = _options.Concat ? cat(downs, 0) : downs.Aggregate(TensorArithmetic.Plus);
        var exact = WeightedSumMerge.Sum(merging);
        var error = LowRank.RelativeDistance(exact, (up.to(float32).Times(first.Alpha / up.shape[1]), down.to(float32)));
        return new MergedModule(
            up.MoveToOuterDisposeScope(), down.MoveToOuterDisposeScope(), first.Alpha, LowRank.Norm(exact.Up, exact.Down), error);
    }

    private static double Positive(MergeTerm term, MergeModule merging) => term.Alpha > 0 ? term.Alpha : throw new LoraMergeException(
        "LoraAlphaNotPositive",
        $"{merging.Name} has alpha {term.Alpha}, and {MethodName} divides by it and takes its root. Use the method {WeightedSumMerge.MethodName}.", merging.Name);
}
