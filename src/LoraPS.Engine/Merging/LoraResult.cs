using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA file that was computed, and how near it comes to what it stands for.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Modules">One entry a module.</param>
/// <param name="DType">Type of the saved factors.</param>
/// <param name="Hashes">What the file says of its contents.</param>
public record LoraResult(string Path, IReadOnlyList<ModuleReport> Modules, SafetensorsDType DType, LoraHashes Hashes)
{
    /// <summary>"4", or "2-8" where modules differ.</summary>
    public string RankText => Modules.Count == 0 ? ""
        : Modules.Min(module => module.Rank) is var least && Modules.Max(module => module.Rank) is var most && least == most ? $"{least}" : $"{least}-{most}";

    /// <summary>Distance of the whole LoRA from what it aims at, as a share of its norm: 0 when nothing is lost.</summary>
    public double RelativeError => ModuleReport.OverallError(Modules);
}
