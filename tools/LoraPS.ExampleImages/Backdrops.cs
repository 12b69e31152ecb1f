using SkiaSharp;

namespace LoraPS.ExampleImages;

/// <summary>What lies behind a zorb.</summary>
internal static class Backdrops
{
    /// <summary>One colour.</summary>
    public static Action<SKCanvas> Plain(SKColor colour) => canvas => canvas.Clear(colour);

    /// <summary>Sky over ground.</summary>
    /// <param name="sky">Above.</param>
    /// <param name="ground">Below.</param>
    /// <param name="horizon">Share of the height that is sky.</param>
    public static Action<SKCanvas> Land(SKColor sky, SKColor ground, float horizon) => canvas =>
    {
        canvas.Clear(sky);
        var size = canvas.LocalClipBounds;
        Rectangle(canvas, 0, size.Height * horizon, size.Width, size.Height, ground);
    };

    /// <summary>Dots at places that look random and never change.</summary>
    public static Action<SKCanvas> Stars(SKColor background, SKColor star) => canvas =>
    {
        canvas.Clear(background);
        var size = canvas.LocalClipBounds;
        using var paint = new SKPaint { Color = star, IsAntialias = true };
        // Multiples of the golden ratio's inverse fill the picture evenly.
        for (var i = 1; i <= 30; i++)
            canvas.DrawCircle(size.Width * (i * 0.618034f % 1), size.Height * (i / 30f), 1 + (i % 3), paint);
    };

    /// <summary>Squares of 16 pixels.</summary>
    public static Action<SKCanvas> Checks(SKColor even, SKColor odd) => canvas =>
    {
        canvas.Clear(even);
        var size = canvas.LocalClipBounds;
        for (var y = 0; y < size.Height; y += 16)
            for (var x = y % 32; x < size.Width; x += 32)
                Rectangle(canvas, x, y, x + 16, y + 16, odd);
    };

    /// <summary>Upright stripes of 12 pixels.</summary>
    public static Action<SKCanvas> Stripes(SKColor even, SKColor odd) => canvas =>
    {
        canvas.Clear(even);
        var size = canvas.LocalClipBounds;
        for (var x = 0; x < size.Width; x += 24)
            Rectangle(canvas, x, 0, x + 12, size.Height, odd);
    };

    /// <summary>Rows of bricks, every other row moved by half a brick.</summary>
    public static Action<SKCanvas> Bricks(SKColor brick, SKColor mortar) => canvas =>
    {
        canvas.Clear(mortar);
        var size = canvas.LocalClipBounds;
        for (var row = 0; row * 12 < size.Height; row++)
            for (var x = row % 2 * -12; x < size.Width; x += 24)
                Rectangle(canvas, x, row * 12, x + 22, (row * 12) + 10, brick);
    };

    private static void Rectangle(SKCanvas canvas, float left, float top, float right, float bottom, SKColor colour)
    {
        using var paint = new SKPaint { Color = colour };
        canvas.DrawRect(new SKRect(left, top, right, bottom), paint);
    }
}
