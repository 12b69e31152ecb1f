using System.Globalization;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>The blocks of a U-Net that are trained with settings of their own, in the order in which lists of settings name them.</summary>
/// <remarks>
/// Follows get_block_index in sd-scripts networks/lora.py@48d368fa. These are the blocks of the U-Net alone; the lists that weight
/// blocks when LoRAs are merged begin with the text encoders (<see cref="UNetBlock"/>).
/// </remarks>
/// <param name="SideBlocks">Blocks on the way down, and as many on the way up.</param>
/// <param name="MiddleBlocks">Blocks between them.</param>
/// <param name="HasEnds">Whether the embeddings are a block before all others and the output one after them; no LoRA reaches them.</param>
public sealed partial record TrainingBlocks(int SideBlocks, int MiddleBlocks, bool HasEnds)
{
    /// <summary>Stable Diffusion 1 and 2: 12 down, 1 in the middle, 12 up. No LoRA reaches the first, the input convolution.</summary>
    public static TrainingBlocks StableDiffusion { get; } = new(12, 1, false);

    /// <summary>Stable Diffusion XL: the embeddings, 9 down, 3 in the middle, 9 up, the output.</summary>
    public static TrainingBlocks Sdxl { get; } = new(9, 3, true);

    /// <summary>How many values a list with one for each block has.</summary>
    public int Count => (2 * SideBlocks) + MiddleBlocks + (HasEnds ? 2 : 0);

    /// <summary>Puts the weights of the three parts in one list.</summary>
    /// <typeparam name="T">What a block has.</typeparam>
    /// <param name="down">Values on the way down, the finest first.</param>
    /// <param name="middle">Values in the middle.</param>
    /// <param name="up">Values on the way up, the coarsest first.</param>
    /// <param name="end">Value of the blocks that no LoRA reaches.</param>
    public IReadOnlyList<T> Join<T>(IEnumerable<T> down, IEnumerable<T> middle, IEnumerable<T> up, T end) =>
        HasEnds ? [end, .. down, .. middle, .. up, end] : [.. down, .. middle, .. up];

    /// <summary>The block of a module of the U-Net.</summary>
    /// <param name="moduleName">Name in LoRA files.</param>
    /// <returns>Its place in the lists; null for a module in no block.</returns>
    public int? IndexOf(string moduleName) => HasEnds
        ? FindLdm(moduleName)
        : BlockLocator.Find(moduleName) is { } block and not UNetBlock.BASE ? block - UNetBlock.IN00 : null;

    private int? FindLdm(string moduleName)
    {
        var place = LdmPlace().Match(moduleName);
        if (!place.Success)
            return null;
        var number = int.Parse(place.Groups[2].Value, CultureInfo.InvariantCulture);
        return 1 + number + place.Groups[1].Value switch { "input_blocks" => 0, "middle_block" => SideBlocks, _ => SideBlocks + MiddleBlocks };
    }

    [GeneratedRegex("^lora_unet_(input_blocks|middle_block|output_blocks)_([0-9]+)_")]
    private static partial Regex LdmPlace();
}
