using LoraPS.Engine.Formats;
using SkiaSharp;

namespace LoraPS.Engine.Sampling;

/// <summary>Puts pictures side by side into one, row by row, so that they can be compared.</summary>
/// <remarks>All cells are as large as the largest picture; smaller ones stand in the middle of theirs. What lies between is white.</remarks>
public static class ImageGrid
{
    // What PNG files and most viewers can hold.
    private const int LargestSide = 32_767;

    /// <summary>Writes a grid.</summary>
    /// <param name="paths">The pictures: PNG, JPEG, WebP, BMP or GIF.</param>
    /// <param name="options">How they are laid out.</param>
    /// <exception cref="ArgumentException">There is no picture, an option is out of its range, or the grid would be too large.</exception>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">A file cannot be read, or is no picture.</exception>
    /// <exception cref="DestinationExistsException">The destination is taken, and it was not said that it may be replaced.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older one is unchanged.</exception>
    public static ImageGridResult Write(IReadOnlyList<string> paths, ImageGridOptions options)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (paths.Count == 0)
            throw new ArgumentException("A grid needs at least one picture.", nameof(paths));
        Destination.Check(options.DestinationPath, options.Overwrite);
        var pictures = new List<SKBitmap>();
        try
        {
            foreach (var path in paths)
                pictures.Add(Read(path));
            return Write(pictures, options);
        }
        finally
        {
            pictures.ForEach(picture => picture.Dispose());
        }
    }

    private static ImageGridResult Write(List<SKBitmap> pictures, ImageGridOptions options)
    {
        var columns = Math.Min(options.Columns ?? (int)Math.Ceiling(Math.Sqrt(pictures.Count)), pictures.Count);
        var rows = (pictures.Count + columns - 1) / columns;
        var cell = new SKSizeI(pictures.Max(picture => picture.Width) * options.Scale, pictures.Max(picture => picture.Height) * options.Scale);
        var (width, height) = (Length(columns, cell.Width, options.Gap), Length(rows, cell.Height, options.Gap));
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        foreach (var (i, picture) in pictures.Index())
            Draw(surface.Canvas, picture, new SKPointI(i % columns * (cell.Width + options.Gap), i / columns * (cell.Height + options.Gap)), cell, options.Scale);

        using var grid = surface.Snapshot();
        using var png = grid.Encode(SKEncodedImageFormat.Png, quality: 100);
        using var file = new AtomicFile(options.DestinationPath);
        file.Write(png.Span);
        file.Commit();
        return new(file.Path, pictures.Count, columns, rows, width, height);
    }

    private static void Draw(SKCanvas canvas, SKBitmap picture, SKPointI corner, SKSizeI cell, int scale)
    {
        var (width, height) = (picture.Width * scale, picture.Height * scale);
        var place = SKRect.Create(corner.X + ((cell.Width - width) / 2), corner.Y + ((cell.Height - height) / 2), width, height);
        using var image = SKImage.FromBitmap(picture);
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Nearest));
    }

    private static int Length(int count, int side, int gap)
    {
        var length = ((long)count * (side + gap)) - gap;
        return length <= LargestSide
            ? (int)length
            : throw new ArgumentException($"A grid with {count} pictures of {side} pixels in a line would be {length} pixels long, and {LargestSide} is the limit. Choose another number of columns, a smaller scale, or fewer pictures.");
    }

    private static SKBitmap Read(string path)
    {
        if (!File.Exists(path))
            throw new MissingFileException(path);
        try
        {
            return SKBitmap.Decode(File.ReadAllBytes(path)) ?? throw new InvalidDataException("it is no picture, or a damaged one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            throw new UnreadableFileException(path, e);
        }
    }
}
