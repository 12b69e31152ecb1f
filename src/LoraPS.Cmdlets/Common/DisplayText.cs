using System.Globalization;
using LoraPS.Engine.Reports.Html;

namespace LoraPS.Cmdlets.Common;

/// <summary>Numbers as the format views show them.</summary>
public static class DisplayText
{
    private const string Heights = "·▁▂▃▄▅▆▇█";

    /// <summary>"9.1 MB": bytes in the largest unit that leaves at least 1, by steps of 1024.</summary>
    /// <param name="bytes">Bytes.</param>
    public static string Size(long bytes) => Figures.Bytes(bytes, CultureInfo.CurrentCulture);

    /// <summary>"████▌": a bar for a share; a negative share gives one with a minus before it.</summary>
    /// <param name="share">A number; what exceeds ±2 is cut.</param>
    /// <param name="width">Characters at 1.</param>
    public static string Bar(double share, int width = 10)
    {
        var halves = (int)Math.Round(Math.Min(Math.Abs(share), 2) * 2 * width);
        return $"{(share < 0 ? "-" : "")}{new string('█', halves / 2)}{(halves % 2 == 1 ? "▌" : "")}";
    }

    /// <summary>"█ ████████████ ▄ ············": one character a block (BASE, IN, MID, OUT), its height the weight.</summary>
    /// <param name="weights">The 26 weights; signs are not shown, and what exceeds ±1 is as high as 1.</param>
    public static string Blocks(IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var all = string.Concat(weights.Select(w => Heights[(int)Math.Ceiling(Math.Min(Math.Abs(w), 1) * (Heights.Length - 1))]));
        return $"{all[..1]} {all[1..13]} {all[13..14]} {all[14..]}";
    }

    /// <summary>"1.25 %": a share, to three decimals.</summary>
    /// <param name="share">0 for none, 1 for all.</param>
    public static string Percent(double share) => string.Create(CultureInfo.CurrentCulture, $"{share * 100:0.###} %");

    /// <summary>"0.84 s", "2:05" or "1:02:05": short times with their fractions, long ones without.</summary>
    /// <param name="time">A time, not negative.</param>
    public static string Duration(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.CurrentCulture, $"{time.TotalSeconds:0.##} s")
        : time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
