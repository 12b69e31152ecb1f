namespace LoraPS.Engine.Reports.Charts;

/// <summary>Makes curves fit for drawing, however long a run was.</summary>
public static class Curve
{
    /// <summary>Most points of a curve that is drawn; half of them show least values and half largest ones.</summary>
    public const int MostPoints = 800;

    private const int LeastSpan = 5;
    private const int MostSpan = 500;
    private const int SpansACurve = 40;

    /// <summary>Leaves out points so that at most <see cref="MostPoints"/> stay; of each piece of the curve the lowest and the highest, so that spikes stay.</summary>
    public static IReadOnlyList<CurvePoint> Reduce(IReadOnlyList<CurvePoint> points)
    {
        if (points.Count <= MostPoints)
            return points;
        var pieces = MostPoints / 2;
        var kept = new List<CurvePoint>(MostPoints);
        for (var piece = 0; piece < pieces; piece++)
        {
            var (start, end) = ((int)((long)piece * points.Count / pieces), (int)((long)(piece + 1) * points.Count / pieces));
            var (low, high) = (start, start);
            for (var i = start + 1; i < end; i++)
                (low, high) = (points[i].Y < points[low].Y ? i : low, points[i].Y > points[high].Y ? i : high);
            kept.Add(points[Math.Min(low, high)]);
            if (low != high)
                kept.Add(points[Math.Max(low, high)]);
        }

        return kept;
    }

    /// <summary>Over about how many points <see cref="Smooth"/> averages.</summary>
    public static int SpanOf(int count) => Math.Clamp(count / SpansACurve, LeastSpan, MostSpan);

    /// <summary>The exponential moving average, the first points weighted so that it does not begin at 0.</summary>
    /// <param name="points">Finite values.</param>
    public static IReadOnlyList<CurvePoint> Smooth(IReadOnlyList<CurvePoint> points)
    {
        var keep = 1 - (2.0 / (SpanOf(points.Count) + 1));
        var (sum, weight) = (0.0, 0.0);
        var smoothed = new CurvePoint[points.Count];
        for (var i = 0; i < points.Count; i++)
        {
            (sum, weight) = ((sum * keep) + points[i].Y, (weight * keep) + 1);
            smoothed[i] = new(points[i].X, sum / weight);
        }

        return smoothed;
    }
}
