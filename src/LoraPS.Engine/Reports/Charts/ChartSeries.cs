namespace LoraPS.Engine.Reports.Charts;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">What the legend says; empty for a curve that is not in it.</param>
/// <param name="Style">Its class in the style sheet: faint, thin, main, second, dots, or band, which is filled.</param>
/// <param name="Points">In the order they are joined.</param>
public sealed record ChartSeries(string Name, string Style, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>Points by themselves.</summary>
    public const string Dots = "dots";

    /// <summary>A filled outline.</summary>
    public const string Band = "band";

    /// <summary>The points that can be drawn.</summary>
    public IEnumerable<CurvePoint> Drawn => Points.Where(point => double.IsFinite(point.Y));
}
