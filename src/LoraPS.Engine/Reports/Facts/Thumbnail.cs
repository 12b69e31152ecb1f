using System.Numerics;
using LoraPS.Engine.Data;
using SkiaSharp;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>A picture small enough to be part of a page.</summary>
/// <param name="DataUri">The picture as JPEG.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record Thumbnail(string DataUri, int Width, int Height)
{
    private const int Quality = 85;

    /// <summary>Shrinks a picture, upright and on white; one that is small enough keeps its size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="side">Pixels of its longer side at most.</param>
    /// <returns>Null when the picture is not there or cannot be read.</returns>
    public static Thumbnail? Of(string? path, int side)
    {
        if (path is null)
            return null;
        try
        {
            using var file = ImageFile.Open(path);
            return Encode(file.Decode(), side);
        }
        catch (ImageUnreadableException)
        {
            return null;
        }
    }

    private static Thumbnail Encode(UprightPixels pixels, int side)
    {
        var (width, height) = (pixels.Size.Width, pixels.Size.Height);
        var scale = Math.Min(1, (double)side / Math.Max(width, height));
        var info = new SKImageInfo(Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var full = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque), OnWhite(pixels));
        using var small = SKSurface.Create(info);
        small.Canvas.DrawImage(full, new SKRect(0, 0, width, height), new SKRect(0, 0, info.Width, info.Height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear), paint: null);
        using var image = small.Snapshot();
        using var jpeg = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return new($"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.Span)}", info.Width, info.Height);
    }

    private static byte[] OnWhite(UprightPixels pixels)
    {
        var (width, height) = (pixels.Size.Width, pixels.Size.Height);
        var bytes = new byte[4 * width * height];
        var row = new Vector4[width];
        for (var (y, at) = (0, 0); y < height; y++)
        {
            pixels.ReadRow(y, row);
            foreach (var pixel in row)
            {
                var colour = Vector4.Lerp(new Vector4(byte.MaxValue), pixel, pixel.W / byte.MaxValue);
                (bytes[at++], bytes[at++], bytes[at++], bytes[at++]) = ((byte)colour.X, (byte)colour.Y, (byte)colour.Z, byte.MaxValue);
            }
        }

        return bytes;
    }
}
