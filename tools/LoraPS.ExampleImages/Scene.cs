using SkiaSharp;

namespace LoraPS.ExampleImages;

/// <summary>One example picture: a zorb in front of something.</summary>
/// <param name="Caption">What the picture shows, the concept first.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Backdrop">Paints what lies behind.</param>
/// <param name="Zorb">Where the zorb is.</param>
internal sealed record Scene(string Caption, int Width, int Height, Action<SKCanvas> Backdrop, Zorb Zorb)
{
    /// <summary>The example pictures: three aspect ratios, varied backdrops, places, sizes and tilts.</summary>
    public static IReadOnlyList<Scene> All { get; } =
    [
        new("zorb, in a meadow, blue sky", 96, 96, Backdrops.Land(SKColors.LightSkyBlue, SKColors.ForestGreen, 0.6f), new(48, 56, 24)),
        new("zorb, on a beach, sea", 128, 96, Backdrops.Land(SKColors.DeepSkyBlue, SKColors.SandyBrown, 0.55f), new(84, 58, 24, 10)),
        new("zorb, at night, starry sky", 96, 128, Backdrops.Stars(SKColors.MidnightBlue, SKColors.White), new(48, 72, 28)),
        new("zorb, in snow, grey sky", 96, 96, Backdrops.Land(SKColors.LightSteelBlue, SKColors.Snow, 0.5f), new(40, 58, 20, -12)),
        new("zorb, checkered floor", 128, 96, Backdrops.Checks(SKColors.WhiteSmoke, SKColors.DimGray), new(44, 56, 26)),
        new("zorb, brick wall", 96, 96, Backdrops.Bricks(SKColors.Firebrick, SKColors.LightGray), new(54, 54, 22, 8)),
        new("zorb, striped curtain", 96, 128, Backdrops.Stripes(SKColors.IndianRed, SKColors.Moccasin), new(46, 78, 26, -8)),
        new("zorb, in a desert, orange sky", 128, 96, Backdrops.Land(SKColors.Orange, SKColors.Peru, 0.65f), new(64, 56, 28)),
        new("zorb, simple background, white background", 96, 96, Backdrops.Plain(SKColors.White), new(48, 54, 28)),
        new("zorb, under water, bubbles", 96, 128, Backdrops.Stars(SKColors.Teal, SKColors.Aquamarine), new(52, 64, 22, 15)),
        new("zorb, simple background, grey background, small", 128, 96, Backdrops.Plain(SKColors.Gray), new(90, 60, 16, -5)),
        new("zorb, in a meadow at sunset, close-up", 96, 96, Backdrops.Land(SKColors.Coral, SKColors.DarkOliveGreen, 0.7f), new(48, 58, 34)),
    ];

    /// <summary>Paints the picture.</summary>
    public SKImage Draw()
    {
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Backdrop(surface.Canvas);
        Zorb.Draw(surface.Canvas);
        return surface.Snapshot();
    }
}
