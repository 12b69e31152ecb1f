using LoraPS.ToyModel.World;
using SkiaSharp;

namespace LoraPS.ToyModel.Judging;

/// <summary>What is seen in a picture of the world, by its pixels alone.</summary>
/// <remarks>
/// The background is the median colour of the frame; things are what differs from it. Colours are the nearest of the world's.
/// The form is the one that covers the largest part best when drawn in its place with its area.
/// </remarks>
/// <param name="Count">Parts that hang together.</param>
/// <param name="Size">The size whose area is nearest.</param>
/// <param name="Colour">Colour of the things.</param>
/// <param name="Shape">Form of the largest.</param>
/// <param name="Place">Where they are together.</param>
/// <param name="Background">Colour of the frame.</param>
public sealed record SceneReading(int Count, ToySize Size, ToyColour Colour, ToyShape Shape, ToyPlace Place, ToyColour Background)
{
    private const double Contrast = 55;
    private const float TrialRadius = 15;

    /// <summary>Looks at a picture.</summary>
    /// <returns>What is seen; null where there is nothing but background.</returns>
    public static SceneReading? Of(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var behind = Frame(picture);
        var things = new Mask((x, y) => picture.Distance(x, y, behind) > Contrast);
        var parts = things.Parts();
        if (parts.Count == 0)
            return null;
        var (shape, radius, origin) = Form(parts[0]);
        var size = ToySize.Named.Append(ToySize.Usual).MinBy(size => Math.Abs(size.Radius - radius))!;
        return new(
            parts.Count,
            size,
            Nearest(ToyColour.Things, Mean(picture, parts[0])),
            shape,
            PlaceOf(parts.Count == 1 ? origin : things.Centre, size),
            Nearest(ToyColour.Backgrounds, behind));
    }

    /// <summary>Which properties of a scene the picture has; those the caption does not tell count as there.</summary>
    public SceneMatch Match(ToyScene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return new(
            Count == scene.Count, scene.Count > 1 || Size == scene.Size, Colour == scene.Colour, Shape == scene.Shape, Place == scene.Place,
            !scene.TellsBackground || Background == scene.Background);
    }

    private static SKColor Frame(Picture picture)
    {
        var last = Picture.Side - 1;
        var frame = Enumerable.Range(0, last).SelectMany(i => new[] { picture.At(i, 0), picture.At(last, i), picture.At(i + 1, last), picture.At(0, i + 1) }).ToList();
        return new(Median(frame.Select(pixel => pixel.Red)), Median(frame.Select(pixel => pixel.Green)), Median(frame.Select(pixel => pixel.Blue)));
    }

    private static byte Median(IEnumerable<float> levels) => (byte)Math.Clamp(levels.Order().ElementAt(2 * (Picture.Side - 1)), 0, byte.MaxValue);

    private static SKColor Mean(Picture picture, Mask part)
    {
        var inside = part.Inside() is { Area: > 0 } core ? core : part;
        var colours = inside.Pixels.Select(pixel => picture.At(pixel.X, pixel.Y)).ToList();
        return new(Level(colours.Average(c => c.Red)), Level(colours.Average(c => c.Green)), Level(colours.Average(c => c.Blue)));
    }

    private static byte Level(float level) => (byte)Math.Clamp(level, 0, byte.MaxValue);

    private static ToyColour Nearest(IEnumerable<ToyColour> colours, SKColor found) =>
        colours.MinBy(colour => Picture.Distance((found.Red, found.Green, found.Blue), colour.Value))!;

    private static (ToyShape Shape, float Radius, SKPoint Origin) Form(Mask part) => ToyShape.All
        .Select(shape => Placed(shape, part))
        .MaxBy(form => part.Overlap(Mask.Of(form.Shape, form.Origin, form.Radius)));

    /// <summary>A form as large as a part, about the same middle. A form's origin need not be the middle of its pixels: a triangle's is higher.</summary>
    private static (ToyShape Shape, float Radius, SKPoint Origin) Placed(ToyShape shape, Mask part)
    {
        var trial = new SKPoint(Picture.Side / 2f, Picture.Side / 2f);
        var radius = TrialRadius * MathF.Sqrt(part.Area / (float)Mask.Of(shape, trial, TrialRadius).Area);
        return (shape, radius, part.Centre + trial - Mask.Of(shape, trial, radius).Centre);
    }

    private static ToyPlace PlaceOf(SKPoint origin, ToySize size)
    {
        var (x, y) = (origin.X - (Picture.Side / 2f), origin.Y - (Picture.Side / 2f));
        if (Math.Max(Math.Abs(x), Math.Abs(y)) < ToyScene.Reach(size.Radius) / 2)
            return ToyPlace.Middle;
        return Math.Abs(x) > Math.Abs(y) ? ToyPlace.Sides.Single(side => side.X == Math.Sign(x)) : ToyPlace.Sides.Single(side => side.Y == Math.Sign(y));
    }
}
