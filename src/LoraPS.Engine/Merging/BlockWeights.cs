using System.Globalization;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>One multiplier for each block of a model; 1 where nothing is said.</summary>
/// <remarks>Immutable, and equal when all weights are equal.</remarks>
public sealed class BlockWeights : IEquatable<BlockWeights>
{
    private const int BlockCount = 26;

    private readonly double[] _weights;

    private BlockWeights(double[] weights) => _weights = weights;

    /// <summary>Weight 1 everywhere.</summary>
    public static BlockWeights Ones { get; } = FromBlocks([]);

    /// <summary>The 26 weights in the order of <see cref="UNetBlock"/>.</summary>
    public IReadOnlyList<double> Values => _weights;

    /// <summary>The weight of a block; 1 for a module that lies in no block.</summary>
    public double this[UNetBlock? block] => block is { } b ? _weights[(int)b] : 1;

    /// <summary>Weights by block; the last one counts where a block is named twice.</summary>
    public static BlockWeights FromBlocks(IEnumerable<(UNetBlock Block, double Weight)> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var all = Enumerable.Repeat(1.0, BlockCount).ToArray();
        foreach (var (block, weight) in weights)
            all[(int)block] = double.IsFinite(weight) ? weight
                : throw new ArgumentException($"The weight of {block} is {weight}; a block weight is a finite number.", nameof(weights));
        return new BlockWeights(all);
    }

    /// <summary>Weights from a list of 12, 17, 20 or 26 numbers.</summary>
    /// <exception cref="ArgumentException">The list has another length.</exception>
    public static BlockWeights FromList(IReadOnlyList<double> list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return FromBlocks(BlockLayout.OfLength(list.Count).Zip(list));
    }

    /// <summary>Weights by the side of the U-Net; a side that is null keeps weight 1, and so does the text encoder.</summary>
    /// <param name="down">IN00 and on, at most 12 numbers: 12 for SD, 9 for SDXL.</param>
    /// <param name="mid">MID.</param>
    /// <param name="up">OUT00 and on, at most 12 numbers.</param>
    public static BlockWeights FromSides(IReadOnlyList<double>? down, double? mid, IReadOnlyList<double>? up)
    {
        if (Math.Max(down?.Count ?? 0, up?.Count ?? 0) > BlockPresets.SideLength)
            throw new ArgumentException($"A side of the U-Net has at most {BlockPresets.SideLength} blocks.", down?.Count > BlockPresets.SideLength ? nameof(down) : nameof(up));
        return FromBlocks(
        [
            .. (down ?? []).Select((w, i) => (UNetBlock.IN00 + i, w)),
            (UNetBlock.MID, mid ?? 1),
            .. (up ?? []).Select((w, i) => (UNetBlock.OUT00 + i, w)),
        ]);
    }

    /// <summary>Weights by the side of the U-Net, in words; what is null keeps weight 1.</summary>
    /// <param name="down">IN00 and on: numbers, or one name of <see cref="BlockCurve"/>, which runs along 12 blocks.</param>
    /// <param name="mid">MID.</param>
    /// <param name="up">OUT00 and on, like <paramref name="down"/>.</param>
    /// <param name="text">BASE.</param>
    /// <exception cref="ArgumentException">A word is neither a number nor a curve, or there are too many.</exception>
    public static BlockWeights FromSides(IReadOnlyList<string>? down, double? mid, IReadOnlyList<string>? up, double? text)
    {
        var sides = FromSides(down is null ? null : ParseSide(down), mid, up is null ? null : ParseSide(up));
        return FromList([text ?? 1, .. sides.Values.Skip(1)]);
    }

    /// <summary>Weights from text: a list (<c>1,0,0.5,…</c>), blocks by name (<c>IN04=0.5,MID=0</c>), or a preset (<c>MIDD</c>, <c>sine+0.25</c>).</summary>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static BlockWeights Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (BlockPresets.Find(text) is { } preset)
            return preset;
        var items = text.Split(',', StringSplitOptions.TrimEntries);
        return items.Any(i => i.Contains('=', StringComparison.Ordinal))
            ? FromBlocks(items.Select(ParseNamed))
            : FromList([.. items.Select(ParseNumber)]);
    }

    /// <inheritdoc/>
    public bool Equals(BlockWeights? other) => other is not null && _weights.AsSpan().SequenceEqual(other._weights);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BlockWeights);

    /// <inheritdoc/>
    public override int GetHashCode() => _weights.Aggregate(0, HashCode.Combine);

    /// <summary>The blocks whose weight is not 1, as <see cref="Parse"/> reads them; ALL when there are none.</summary>
    public override string ToString()
    {
        var named = _weights.Select((w, i) => (Block: (UNetBlock)i, Weight: w)).Where(p => p.Weight != 1)
            .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Block}={p.Weight}"));
        return string.Join(",", named.DefaultIfEmpty("ALL"));
    }

    private static (UNetBlock, double) ParseNamed(string item)
    {
        var parts = item.Split('=', 2, StringSplitOptions.TrimEntries);
        // A number would parse as a member of the enumeration too, so names are compared as text.
        return parts.Length == 2 && Array.FindIndex(Enum.GetNames<UNetBlock>(), n => n.Equals(parts[0], StringComparison.OrdinalIgnoreCase)) is >= 0 and var block
            ? ((UNetBlock)block, ParseNumber(parts[1]))
            : throw new ArgumentException($"'{item}' names no block; write BASE, IN00 to IN11, MID or OUT00 to OUT11, '=' and a number.", nameof(item));
    }

    private static IReadOnlyList<double> ParseSide(IReadOnlyList<string> words)
    {
        string[] all = [.. words.SelectMany(word => word.Split(',', StringSplitOptions.TrimEntries))];
        return all is [var only] && BlockCurve.TryParse(only, BlockPresets.SideLength) is { } curve ? curve : [.. all.Select(ParseNumber)];
    }

    private static double ParseNumber(string item) =>
        double.TryParse(item, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new ArgumentException(
            $"'{item}' is no block weight. Write a list of {string.Join(", ", BlockLayout.Lengths)} numbers, blocks such as IN04=0.5,MID=0, or a preset: {string.Join(", ", BlockPresets.Names)}.", nameof(item));
}
