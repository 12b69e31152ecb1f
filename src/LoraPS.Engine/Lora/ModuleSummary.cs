using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>What is told of a module of any kind of network.</summary>
/// <param name="Name">Name in sd-scripts form.</param>
/// <param name="Rank">Its rank.</param>
/// <param name="Alpha">Its alpha; the rank where the file has none.</param>
/// <param name="IsKernel">Whether the file shows it to have a spatial kernel.</param>
internal sealed record ModuleSummary(string Name, long Rank, double Alpha, bool IsKernel)
{
    /// <summary>Part of the U-Net; otherwise of a text encoder.</summary>
    public bool IsUNet => Name.StartsWith(KohyaNames.UNetPrefix, StringComparison.Ordinal);

    /// <summary>Of a module of low-rank factors.</summary>
    public static ModuleSummary Of(LoraModuleInfo module) => new(module.Name, module.Rank, module.Alpha, module.KernelSize > 1);
}
