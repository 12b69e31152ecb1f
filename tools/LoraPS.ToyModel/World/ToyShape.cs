using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>A form, drawn about the origin in a circle of radius 1.</summary>
/// <param name="Name">The word in captions.</param>
/// <param name="Plural">The word for several.</param>
/// <param name="Outline">Adds the outline to a path.</param>
public record ToyShape(string Name, string Plural, Action<SKPathBuilder> Outline)
{
    /// <summary>The forms of the world, of about the same area.</summary>
    public static IReadOnlyList<ToyShape> All { get; } =
    [
        new("circle", "circles", path => path.AddCircle(0, 0, 0.9f)),
        new("square", "squares", path => path.AddRect(new SKRect(-0.8f, -0.8f, 0.8f, 0.8f))),
        new("triangle", "triangles", path => Polygon(path, (0, -1.05f), (1.1f, 0.85f), (-1.1f, 0.85f))),
        new("star", "stars", path => Polygon(path, Star(5, 1.2f, 0.5f))),
        new("cross", "crosses", path => Polygon(path, Cross(1.05f, 0.36f))),
        new("diamond", "diamonds", path => Polygon(path, (0, -1.2f), (0.85f, 0), (0, 1.2f), (-0.85f, 0))),
    ];

    /// <summary>Paints the form.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="centre">Its middle, pixels.</param>
    /// <param name="radius">About half its width, pixels.</param>
    /// <param name="colour">What with.</param>
    public virtual void Draw(SKCanvas canvas, SKPoint centre, float radius, SKColor colour)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        using var builder = new SKPathBuilder();
        Outline(builder);
        using var path = builder.Detach();
        path.Transform(SKMatrix.CreateScaleTranslation(radius, radius, centre.X, centre.Y));
        using var paint = new SKPaint { Color = colour, IsAntialias = true };
        canvas.DrawPath(path, paint);
    }

    private static void Polygon(SKPathBuilder path, params (float X, float Y)[] corners) =>
        path.AddPoly([.. corners.Select(corner => new SKPoint(corner.X, corner.Y))], close: true);

    private static (float X, float Y)[] Star(int points, float outer, float inner) =>
        [.. Enumerable.Range(0, 2 * points).Select(i => Polar(i % 2 == 0 ? outer : inner, (MathF.PI * i / points) - (MathF.PI / 2)))];

    private static (float X, float Y) Polar(float radius, float angle) => (radius * MathF.Cos(angle), radius * MathF.Sin(angle));

    private static (float X, float Y)[] Cross(float r, float w) =>
        [(-w, -r), (w, -r), (w, -w), (r, -w), (r, w), (w, w), (w, r), (-w, r), (-w, w), (-r, w), (-r, -w), (-w, -w)];
}
