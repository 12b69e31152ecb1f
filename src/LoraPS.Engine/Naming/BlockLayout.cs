using static LoraPS.Engine.Naming.UNetBlock;

namespace LoraPS.Engine.Naming;

/// <summary>Which blocks the numbers of a block weight list stand for.</summary>
/// <remarks>
/// The lists of sd-scripts networks/svd_merge_lora.py@48d368fa, told apart by their length: 26 and 17 for SD 1.x and 2.x with and
/// without convolutions, 20 and 12 likewise for SDXL. Blocks that a list leaves out hold no module of that kind of LoRA.
/// </remarks>
public static class BlockLayout
{
    private static readonly Dictionary<int, UNetBlock[]> ByLength = new()
    {
        [12] = [BASE, IN04, IN05, IN07, IN08, MID, .. Range(OUT00, OUT05)],
        [17] = [BASE, IN01, IN02, IN04, IN05, IN07, IN08, MID, .. Range(OUT03, OUT11)],
        [20] = [BASE, .. Range(IN00, IN08), MID, .. Range(OUT00, OUT08)],
        [26] = [.. Range(BASE, OUT11)],
    };

    /// <summary>The lengths a list may have, ascending: 12, 17, 20, 26.</summary>
    public static IReadOnlyList<int> Lengths { get; } = [.. ByLength.Keys.Order()];

    /// <summary>The blocks of a list, in its order.</summary>
    /// <exception cref="ArgumentException">No layout has that length.</exception>
    public static IReadOnlyList<UNetBlock> OfLength(int length) =>
        ByLength.TryGetValue(length, out var blocks) ? blocks : throw new ArgumentException(
            $"A block weight list has {string.Join(", ", Lengths)} numbers, not {length}: 17 or 26 for SD, 12 or 20 for SDXL.", nameof(length));

    /// <summary>The blocks from one to another, both included.</summary>
    public static IEnumerable<UNetBlock> Range(UNetBlock first, UNetBlock last) =>
        Enumerable.Range((int)first, last - first + 1).Select(i => (UNetBlock)i);
}
