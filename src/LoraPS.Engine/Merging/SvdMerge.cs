using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The weighted sum of the weight differences, cut to its strongest directions.</summary>
/// <remarks>
/// The result of sd-scripts networks/svd_merge_lora.py@48d368fa without its clipping: the best approximation of that rank
/// there is. Uses Rank, ConvRank, Criterion, Threshold and ClampQuantile; the latter clips as that tool does, with all
/// singular values in up, and costs accuracy, which the reported error then includes.
/// </remarks>
public sealed class SvdMerge : IMergeMethod
{
    /// <summary>The name it is chosen by.</summary>
    public const string MethodName = "Svd";

    private readonly MergeMethodOptions _options;

    /// <summary>Makes the method.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ClampQuantile is outside its range.</exception>
    public SvdMerge(MergeMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.ClampQuantile is { } quantile)
            MergeMethodOptions.Share(quantile, nameof(options.ClampQuantile));
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => MethodName;

    /// <inheritdoc/>
    public MergedModule Merge(MergeModule merging)
    {
        ArgumentNullException.ThrowIfNull(merging);
        using var alone = OneThread.Begin();
        using var scope = NewDisposeScope();
        var (up, down) = WeightedSumMerge.Sum(merging);
        var rule = _options.RuleFor(merging);
        var factors = _options.ClampQuantile is { } quantile
            ? FactorClamp.Apply(up, down, LowRank.Compress(up, down, rule, FactorBalance.Up), quantile)
            : LowRank.Compress(up, down, rule);
        return MergedModule.Of(factors.MoveToOuterDisposeScope());
    }
}
