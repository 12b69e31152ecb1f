using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>A module of a LoRA that one thread has made and another will write.</summary>
/// <param name="Report">What is told of it, its name and alpha among it.</param>
/// <param name="WeightShape">[out, in] or [out, in, k, k].</param>
/// <param name="Up">[out, rank].</param>
/// <param name="Down">[rank, in·k·k].</param>
internal sealed record FinishedModule(ModuleReport Report, IReadOnlyList<long> WeightShape, TensorCopy Up, TensorCopy Down)
{
    /// <summary>Copies the factors, which stay the caller's.</summary>
    public static FinishedModule Of(ModuleReport report, IReadOnlyList<long> weightShape, Tensor up, Tensor down) =>
        new(report, weightShape, TensorCopy.Of(up), TensorCopy.Of(down));
}
