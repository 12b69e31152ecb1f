using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA that takes part in a merge, and how strongly.</summary>
/// <param name="Path">A LoRA file in sd-scripts naming.</param>
/// <param name="Ratio">What its weight difference is multiplied by; default 1, any sign.</param>
/// <param name="Blocks">A multiplier for each block on top of it; null is 1 everywhere.</param>
public sealed record LoraSource(string Path, double Ratio = 1, BlockWeights? Blocks = null)
{
    /// <summary>File name without its extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The ratio times the weight of the block a module lies in.</summary>
    public double WeightOf(string moduleName) => Ratio * (Blocks is null ? 1 : Blocks[BlockLocator.Find(moduleName)]);
}
