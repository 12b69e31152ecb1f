using LoraPS.Engine.Runtime;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.World;

/// <summary>Pictures as numbers, and back.</summary>
public static class ToyPictures
{
    private const int Channels = 4;
    private static readonly SKImageInfo Format = new(ToyScene.Side, ToyScene.Side, SKColorType.Rgba8888, SKAlphaType.Opaque);

    /// <summary>Paints pictures.</summary>
    /// <param name="paintings">What paints each.</param>
    /// <returns>[B, 3, 64, 64], -1 to 1.</returns>
    public static Tensor Paint(IReadOnlyList<Action<SKCanvas>> paintings)
    {
        ArgumentNullException.ThrowIfNull(paintings);
        using var scope = NewDisposeScope();
        using var surface = SKSurface.Create(Format);
        var bytes = new byte[paintings.Count * Format.BytesSize];
        for (var i = 0; i < paintings.Count; i++)
        {
            paintings[i](surface.Canvas);
            using var picture = surface.PeekPixels();
            picture.GetPixelSpan().CopyTo(bytes.AsSpan(i * Format.BytesSize));
        }

        return tensor(bytes, [paintings.Count, ToyScene.Side, ToyScene.Side, Channels]).narrow(-1, 0, 3).permute(0, 3, 1, 2)
            .to(ScalarType.Float32).DividedBy(byte.MaxValue / 2.0).Plus(-1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Puts pictures side by side in a PNG file, each three times as large.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pixels">[B, 3, 64, 64], -1 to 1.</param>
    /// <param name="columns">How many in a row.</param>
    public static void WriteSheet(string path, Tensor pixels, int columns)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        const int side = 3 * ToyScene.Side, gap = 4;
        using var scope = NewDisposeScope();
        var opaque = pixels.narrow(1, 0, 1).mul(0).Plus(1);
        var bytes = cat([pixels, opaque], 1).Clamped(-1, 1).Plus(1).Times(byte.MaxValue / 2.0).round().permute(0, 2, 3, 1).contiguous().to(ScalarType.Byte);
        var (count, rows) = ((int)pixels.shape[0], (int)((pixels.shape[0] + columns - 1) / columns));
        using var surface = SKSurface.Create(new SKImageInfo((columns * (side + gap)) - gap, (rows * (side + gap)) - gap));
        surface.Canvas.Clear(SKColors.White);
        for (var i = 0; i < count; i++)
        {
            using var image = SKImage.FromPixelCopy(Format, bytes[i].contiguous().data<byte>().ToArray());
            var (x, y) = (i % columns * (side + gap), i / columns * (side + gap));
            surface.Canvas.DrawImage(image, new SKRect(x, y, x + side, y + side), new SKSamplingOptions(SKFilterMode.Nearest));
        }

        using var sheet = surface.Snapshot();
        using var png = sheet.Encode(SKEncodedImageFormat.Png, quality: 100);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(path, png.ToArray());
    }
}
