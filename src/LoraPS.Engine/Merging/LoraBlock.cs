using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>A block that a LoRA changes, and how strongly the LoRA counts there.</summary>
/// <param name="Lora">The LoRA's name.</param>
/// <param name="Block">The block; null for modules that lie in none.</param>
/// <param name="Weight">The ratio times the block's weight.</param>
/// <param name="Modules">Names of the LoRA's modules in the block.</param>
public sealed record LoraBlock(string Lora, UNetBlock? Block, double Weight, IReadOnlyList<string> Modules)
{
    /// <summary>The blocks of a LoRA, in the order of <see cref="UNetBlock"/>; modules in no block come last. Reads the header only.</summary>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA.</exception>
    /// <exception cref="Formats.SafetensorsFormatException">The file is damaged.</exception>
    public static IReadOnlyList<LoraBlock> Of(LoraSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = LoraReader.Open(source.Path, strict: false);
        return
        [
            .. reader.Modules.Select(module => module.Name)
                .GroupBy(BlockLocator.Find)
                .OrderBy(group => group.Key ?? (UNetBlock)int.MaxValue)
                .Select(group => new LoraBlock(source.Name, group.Key, source.WeightOf(group.First()), group.ToArray())),
        ];
    }
}
