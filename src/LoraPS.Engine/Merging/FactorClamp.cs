using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Clips the entries of two factors at a quantile of all of them together.</summary>
/// <remarks>
/// Follows sd-scripts networks/svd_merge_lora.py@48d368fa: the bound is the quantile of the signed entries, and both factors are
/// cut to plus and minus that bound. It takes the most from the strongest directions; here for results that must equal that tool's.
/// </remarks>
public static class FactorClamp
{
    /// <summary>Clips two factors.</summary>
    /// <param name="up">Left factor, float32.</param>
    /// <param name="down">Right factor, float32.</param>
    /// <param name="quantile">Above 0, up to 1.</param>
    public static (Tensor Up, Tensor Down) Apply(Tensor up, Tensor down, double quantile)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        using var scope = NewDisposeScope();
        var bound = Quantile(cat([up.flatten(), down.flatten()]), quantile);
        return (up.Clamped(-bound, bound).MoveToOuterDisposeScope(), down.Clamped(-bound, bound).MoveToOuterDisposeScope());
    }

    /// <summary>Clips an approximation of up·down and measures how far from up·down it ends.</summary>
    internal static LowRankFactors Apply(Tensor up, Tensor down, LowRankFactors factors, double quantile)
    {
        var (newUp, newDown) = Apply(factors.Up, factors.Down, quantile);
        return new LowRankFactors(newUp, newDown, factors.Spectrum, LowRank.RelativeDistance((up, down), (newUp, newDown)));
    }

    // torch.quantile does the same but refuses more than 2^24 entries.
    private static double Quantile(Tensor values, double quantile)
    {
        var sorted = values.sort().Values;
        var place = quantile * (sorted.shape[0] - 1);
        var below = (long)place;
        var low = sorted[below].item<float>();
        var high = sorted[Math.Min(below + 1, sorted.shape[0] - 1)].item<float>();
        return low + ((place - below) * (high - low));
    }
}
