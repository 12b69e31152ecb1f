using LoraPS.ToyModel.World;
using SkiaSharp;

namespace LoraPS.ToyModel.Judging;

/// <summary>Some pixels of a picture.</summary>
public sealed class Mask
{
    private const int SmallestPart = 16;
    private readonly bool[] _isIn;

    /// <summary>Takes the pixels that fulfil a condition.</summary>
    /// <param name="isIn">Whether the pixel at (x, y) is in.</param>
    public Mask(Func<int, int, bool> isIn)
    {
        ArgumentNullException.ThrowIfNull(isIn);
        _isIn = new bool[Picture.Side * Picture.Side];
        for (var i = 0; i < _isIn.Length; i++)
            _isIn[i] = isIn(i % Picture.Side, i / Picture.Side);
        Area = _isIn.Count(pixel => pixel);
    }

    /// <summary>Number of pixels.</summary>
    public int Area { get; }

    /// <summary>Mean place of the pixels.</summary>
    public SKPoint Centre
    {
        get
        {
            var (x, y) = (0.0, 0.0);
            foreach (var (px, py) in Pixels)
                (x, y) = (x + px, y + py);
            return new((float)(x / Area), (float)(y / Area));
        }
    }

    /// <summary>The places of the pixels.</summary>
    public IEnumerable<(int X, int Y)> Pixels =>
        Enumerable.Range(0, _isIn.Length).Where(i => _isIn[i]).Select(i => (i % Picture.Side, i / Picture.Side));

    /// <summary>Whether a pixel is in; those outside the picture are not.</summary>
    public bool Has(int x, int y) => x >= 0 && y >= 0 && x < Picture.Side && y < Picture.Side && _isIn[(y * Picture.Side) + x];

    /// <summary>The pixels whose four neighbours are in too.</summary>
    public Mask Inside() => new((x, y) => Has(x, y) && Has(x - 1, y) && Has(x + 1, y) && Has(x, y - 1) && Has(x, y + 1));

    /// <summary>The parts that hang together, the largest first; specks are left out.</summary>
    public IReadOnlyList<Mask> Parts()
    {
        var part = new int[_isIn.Length];
        var count = 0;
        foreach (var start in Pixels.Where(start => part[(start.Y * Picture.Side) + start.X] == 0))
            Flood(start, part, ++count);
        return [.. Enumerable.Range(1, count).Select(number => new Mask((x, y) => part[(y * Picture.Side) + x] == number))
            .Where(found => found.Area >= SmallestPart).OrderByDescending(found => found.Area)];
    }

    /// <summary>How much of two masks together they share, 0 to 1.</summary>
    public double Overlap(Mask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var shared = Pixels.Count(pixel => other.Has(pixel.X, pixel.Y));
        return shared / (double)Math.Max(1, Area + other.Area - shared);
    }

    /// <summary>The pixels of a form.</summary>
    public static Mask Of(ToyShape shape, SKPoint centre, float radius)
    {
        ArgumentNullException.ThrowIfNull(shape);
        using var bitmap = new SKBitmap(Picture.Side, Picture.Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.Black);
        shape.Draw(canvas, centre, radius, SKColors.White);
        return new((x, y) => bitmap.GetPixel(x, y).Red > byte.MaxValue / 2);
    }

    private void Flood((int X, int Y) start, int[] part, int number)
    {
        var open = new Stack<(int X, int Y)>([start]);
        while (open.TryPop(out var pixel))
        {
            var (x, y) = pixel;
            if (!Has(x, y) || part[(y * Picture.Side) + x] != 0)
                continue;
            part[(y * Picture.Side) + x] = number;
            (int, int)[] neighbours = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
            foreach (var neighbour in neighbours)
                open.Push(neighbour);
        }
    }
}
