using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA file that was computed, and how near it comes to what it stands for.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Modules">One entry a module.</param>
/// <param name="DType">Type of the saved factors.</param>
/// <param name="Hashes">What the file says of its contents.</param>
public record LoraResult(string Path, IReadOnlyList<ModuleReport> Modules, SafetensorsDType DType, LoraHashes Hashes)
{
    /// <summary>Distance of the whole LoRA from what it aims at, as a share of its norm: 0 when nothing is lost.</summary>
    public double RelativeError => ModuleReport.OverallError(Modules);
}
