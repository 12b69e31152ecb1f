using SkiaSharp;

namespace LoraPS.ExampleImages;

/// <summary>The concept of the examples, unknown to every model: a purple ring with a yellow core and two antennae.</summary>
/// <param name="X">Centre, pixels from the left.</param>
/// <param name="Y">Centre, pixels from the top.</param>
/// <param name="Radius">Outer radius of the ring, pixels.</param>
/// <param name="Tilt">Degrees, clockwise.</param>
internal sealed record Zorb(float X, float Y, float Radius, float Tilt = 0)
{
    /// <summary>Paints the zorb.</summary>
    public void Draw(SKCanvas canvas)
    {
        using var ring = Stroke(SKColors.Purple, Radius * 0.36f);
        using var core = Fill(SKColors.Gold);
        using var antenna = Stroke(SKColors.Purple, Radius * 0.12f);
        canvas.Save();
        canvas.Translate(X, Y);
        canvas.RotateDegrees(Tilt);
        foreach (var side in new[] { -1f, 1f })
        {
            var tip = new SKPoint(side * Radius * 0.65f, -Radius * 1.5f);
            canvas.DrawLine(new SKPoint(side * Radius * 0.35f, -Radius * 0.85f), tip, antenna);
            canvas.DrawCircle(tip, Radius * 0.16f, core);
        }

        canvas.DrawCircle(0, 0, Radius * 0.55f, core);
        canvas.DrawCircle(0, 0, Radius * 0.82f, ring);
        canvas.Restore();
    }

    private static SKPaint Stroke(SKColor colour, float width) =>
        new() { Color = colour, IsAntialias = true, IsStroke = true, StrokeWidth = width };

    private static SKPaint Fill(SKColor colour) => new() { Color = colour, IsAntialias = true };
}
