using System.Globalization;

namespace LoraPS.Engine.Merging;

/// <summary>Weights that rise or fall along the blocks of one side of the U-Net, written as a name: <c>sine</c>, <c>linear+0.25</c>.</summary>
/// <remarks>The presets of down_lr_weight and up_lr_weight in sd-scripts networks/lora.py@48d368fa.</remarks>
public static class BlockCurve
{
    private static readonly Dictionary<string, Func<double, double>> Shapes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sine"] = x => Math.Sin(Math.PI * x / 2),
        ["cosine"] = x => Math.Sin(Math.PI * (1 - x) / 2),
        ["linear"] = x => x,
        ["reverse_linear"] = x => 1 - x,
        ["zeros"] = _ => 0,
    };

    /// <summary>The names, without offsets.</summary>
    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>The numbers a name stands for.</summary>
    /// <param name="text">A name of <see cref="Names"/>, in any case, and an offset added to every number: <c>name+0.25</c>.</param>
    /// <param name="count">How many blocks the side has, at least 2: 12 for SD, 9 for SDXL.</param>
    /// <returns>Null when the text is no such name.</returns>
    public static IReadOnlyList<double>? TryParse(string text, int count)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        var parts = text.Trim().Split('+', 2);
        var offset = 0.0;
        if (!Shapes.TryGetValue(parts[0], out var shape)
            || (parts.Length == 2 && !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out offset)))
            return null;
        return [.. Enumerable.Range(0, count).Select(i => shape(i / (count - 1.0)) + offset)];
    }
}
