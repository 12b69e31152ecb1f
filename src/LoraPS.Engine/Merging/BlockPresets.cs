using LoraPS.Engine.Naming;
using static LoraPS.Engine.Naming.UNetBlock;

namespace LoraPS.Engine.Merging;

/// <summary>Named sets of block weights.</summary>
/// <remarks>
/// The names of the block weight extensions of image UIs (S: shallow, far from the middle; D: deep): the blocks named get 1, the
/// others 0. Where those list only the 17 blocks of SD attention LoRAs, the blocks between are included here, so that a preset fits
/// LoRAs with convolutions too. A curve of <see cref="BlockCurve"/> is a preset as well: it runs along both sides of the U-Net.
/// </remarks>
public static class BlockPresets
{
    /// <summary>Blocks of one side of the U-Net of SD.</summary>
    internal const int SideLength = 12;

    private static readonly Dictionary<string, UNetBlock[]> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NONE"] = [],
        ["ALL"] = [.. BlockLayout.Range(BASE, OUT11)],
        ["INS"] = [.. BlockLayout.Range(BASE, IN04)],
        ["IND"] = [BASE, .. BlockLayout.Range(IN05, IN11)],
        ["INALL"] = [.. BlockLayout.Range(BASE, IN11)],
        ["MIDD"] = [BASE, .. BlockLayout.Range(IN05, OUT06)],
        ["OUTD"] = [BASE, .. BlockLayout.Range(OUT00, OUT06)],
        ["OUTS"] = [BASE, .. BlockLayout.Range(OUT07, OUT11)],
        ["OUTALL"] = [BASE, .. BlockLayout.Range(OUT00, OUT11)],
    };

    /// <summary>Every preset's name, for completion.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Kept.Keys, .. BlockCurve.Names];

    /// <summary>Every preset with its weights.</summary>
    public static IEnumerable<BlockPreset> All => Names.Select(name => new BlockPreset(name, Find(name)!));

    /// <summary>The weights of a preset.</summary>
    /// <param name="text">A name of <see cref="Names"/>, in any case; a curve may carry an offset: <c>sine+0.25</c>.</param>
    /// <returns>Null when the text is no preset.</returns>
    public static BlockWeights? Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Kept.TryGetValue(text.Trim(), out var kept))
            return BlockWeights.FromBlocks(BlockLayout.Range(BASE, OUT11).Select(b => (b, kept.Contains(b) ? 1.0 : 0)));
        return BlockCurve.TryParse(text, SideLength) is { } curve ? BlockWeights.FromSides(curve, mid: null, curve) : null;
    }
}
