using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Turns the difference of one weight into a module of a LoRA.</summary>
internal sealed class WeightExtraction
{
    private readonly LoraExtractOptions _options;
    private readonly RankRule _rule;
    private readonly RankRule _convolutionRule;

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1, or a threshold, quantile or difference outside its range.</exception>
    public WeightExtraction(LoraExtractOptions options)
    {
        _options = options;
        _rule = RankRule.Create(options.Criterion, options.Threshold, options.Rank);
        _convolutionRule = _rule.WithLimit(options.ConvRank ?? options.Rank);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinDifference, nameof(options.MinDifference));
        if (options.ClampQuantile is { } quantile)
            MergeMethodOptions.Share(quantile, nameof(options.ClampQuantile));
    }

    /// <summary>Decomposes a difference.</summary>
    /// <param name="module">Its name.</param>
    /// <param name="shape">The weight's, [out, in] or [out, in, k, k].</param>
    /// <param name="difference">[out, in·k·k], float32.</param>
    public FinishedModule Run(string module, IReadOnlyList<long> shape, Tensor difference)
    {
        using var scope = NewDisposeScope();
        var isConvolution = shape is [_, _, > 1, _];
        var rule = isConvolution ? _convolutionRule : _rule;
        // The reference counts a convolution's channels only, not its kernel, as a limit of the rank.
        var factors = Decompose(difference, rule.WithLimit((int)Math.Min(rule.Limit, Math.Min(shape[0], shape[1]))), MergeModule.RandomItemOf(module));
        var report = new ModuleReport(module, isConvolution, factors.Rank, factors.Rank, Math.Sqrt(factors.Spectrum.Energy), factors.RelativeError);
        return FinishedModule.Of(report, shape, factors.Up, factors.Down);
    }

    private LowRankFactors Decompose(Tensor difference, RankRule rule, int item)
    {
        if (_options.ClampQuantile is not { } quantile)
            return RandomisedSvd.Compress(difference, rule, _options.Seed, item);
        var factors = RandomisedSvd.Compress(difference, rule, _options.Seed, item, FactorBalance.Up);
        var (up, down) = FactorClamp.Apply(factors.Up, factors.Down, quantile);
        return RandomisedSvd.Measured(difference, up, down, factors.Spectrum);
    }
}
