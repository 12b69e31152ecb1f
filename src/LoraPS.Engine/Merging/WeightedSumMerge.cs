using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The exact weighted sum of the weight differences: ΔW = Σ wᵢ·(αᵢ/rᵢ)·upᵢ·downᵢ.</summary>
/// <remarks>
/// The factors are put side by side, so nothing is lost and ranks add up; with alpha = rank the strength is in the factors.
/// PEFT calls it "cat". Takes no numbers.
/// </remarks>
public sealed class WeightedSumMerge : IMergeMethod
{
    /// <summary>The name it is chosen by.</summary>
    public const string MethodName = "WeightedSum";

    /// <inheritdoc/>
    public string Name => MethodName;

    /// <inheritdoc/>
    public MergedModule Merge(MergeModule merging)
    {
        ArgumentNullException.ThrowIfNull(merging);
        var (up, down) = Sum(merging);
        return new MergedModule(up, down, alpha: up.shape[1], LowRank.Norm(up, down), relativeError: 0);
    }

    /// <summary>The sum as two factors: up [out, Σr], down [Σr, in], float32.</summary>
    internal static (Tensor Up, Tensor Down) Sum(MergeModule merging) =>
        LowRank.Stack([.. merging.Terms.Select(t => (t.Up, t.Down, t.Scale))]);
}
