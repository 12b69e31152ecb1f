using LoraPS.ToyModel.World;

namespace LoraPS.ToyModel.Judging;

/// <summary>How much of a zorb is in a picture, by its pixels alone.</summary>
/// <remarks>
/// Every pixel takes the nearest colour of the world's and the zorb's. From the middle of all that is yellow, or orange as a
/// small core is when it is blurred, rays are followed outwards: a ray counts if it begins there and then meets purple, with
/// nothing between but the blur of the edge. The score is the share of rays that count: 1 for a drawn zorb, 0 for everything
/// the world knows.
/// </remarks>
public static class ZorbReading
{
    private const int Rays = 32;
    private const int Start = 3;
    private const int Blur = 6;
    private const int RingWidth = 2;

    private static readonly HashSet<ToyColour> CoreColours = [Zorb.Core, ToyColour.Things.Single(colour => colour.Name == "orange")];
    private static readonly IReadOnlyList<ToyColour> Colours = [Zorb.Ring, .. ToyColour.Things, .. ToyColour.Backgrounds];

    /// <summary>The score.</summary>
    /// <param name="picture">Any picture.</param>
    /// <returns>0 to 1.</returns>
    public static double Score(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var core = new Mask((x, y) => CoreColours.Contains(NameAt(picture, x, y))).Parts();
        if (core.Count == 0)
            return 0;
        var centre = core[0].Centre;
        return Enumerable.Range(0, Rays).Average(ray => Counts(picture, centre.X, centre.Y, 2 * Math.PI * ray / Rays) ? 1 : 0);
    }

    private static bool Counts(Picture picture, double x, double y, double angle)
    {
        var colours = Along(picture, x, y, angle).ToList();
        var begin = colours.FindIndex(CoreColours.Contains);
        if (begin is < 0 or > Start)
            return false;
        var end = colours.FindIndex(begin, colour => !CoreColours.Contains(colour));
        if (end < 0)
            return false;
        var ring = colours.FindIndex(end, colour => colour == Zorb.Ring);
        return ring >= 0 && ring - end <= Blur && colours.Skip(ring).TakeWhile(colour => colour == Zorb.Ring).Count() >= RingWidth;
    }

    private static IEnumerable<ToyColour> Along(Picture picture, double x, double y, double angle)
    {
        var (down, right) = Math.SinCos(angle);
        for (var step = 0; step < Picture.Side; step++)
        {
            var (px, py) = ((int)Math.Round(x + (step * right)), (int)Math.Round(y + (step * down)));
            if (px < 0 || py < 0 || px >= Picture.Side || py >= Picture.Side)
                yield break;
            yield return NameAt(picture, px, py);
        }
    }

    private static ToyColour NameAt(Picture picture, int x, int y) => Colours.MinBy(colour => picture.Distance(x, y, colour.Value))!;
}
