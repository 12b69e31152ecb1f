namespace LoraPS.Engine.Data;

/// <summary>How much a source pixel counts for a target pixel, along one axis.</summary>
/// <param name="Support">Scale (source pixels a target pixel, at least the kernel's own minimum) to the distance beyond which nothing counts, source pixels.</param>
/// <param name="Weight">Distance between centres in source pixels, and scale, to weight; the sum need not be one.</param>
/// <param name="RepeatsEdge">True when pixels beyond the picture count as the edge's; false when they do not count.</param>
/// <param name="RoundsBetween">True when the horizontal pass ends in whole grey levels.</param>
internal sealed record ResampleKernel(
    Func<double, double> Support, Func<double, double, double> Weight, bool RepeatsEdge = false, bool RoundsBetween = false)
{
    private const double CubicSlope = -0.75;

    /// <summary>The kernel of an interpolation that is not <see cref="ResizeInterpolation.Auto"/>.</summary>
    public static ResampleKernel Of(ResizeInterpolation interpolation) => interpolation switch
    {
        ResizeInterpolation.Area => new(scale => (scale + 1) / 2, Overlap),
        ResizeInterpolation.Lanczos => new(scale => 3 * Math.Max(1, scale), (d, scale) => Lanczos3(d / Math.Max(1, scale)), RoundsBetween: true),
        ResizeInterpolation.Box => new(scale => 0.5 * Math.Max(1, scale), (d, scale) => HalfOpenBox(d / Math.Max(1, scale)), RoundsBetween: true),
        ResizeInterpolation.Bilinear => new(_ => 1, (d, _) => Math.Max(0, 1 - Math.Abs(d)), RepeatsEdge: true),
        ResizeInterpolation.Bicubic => new(_ => 2, (d, _) => Cubic(Math.Abs(d)), RepeatsEdge: true),
        ResizeInterpolation.Nearest => new(_ => 0.5, (d, _) => HalfOpenBox(d)),
        _ => throw new ArgumentOutOfRangeException(nameof(interpolation), interpolation, "No kernel has this name."),
    };

    /// <summary>The part of a source pixel that a target pixel of this width covers.</summary>
    private static double Overlap(double distance, double scale) =>
        Math.Max(0, Math.Min(distance + 0.5, scale / 2) - Math.Max(distance - 0.5, -scale / 2));

    private static double Lanczos3(double x) => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0;

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static double HalfOpenBox(double x) => x is > -0.5 and <= 0.5 ? 1 : 0;

    private static double Cubic(double x) =>
        x < 1 ? ((((CubicSlope + 2) * x) - (CubicSlope + 3)) * x * x) + 1
        : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * CubicSlope
        : 0;
}
