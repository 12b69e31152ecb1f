using SkiaSharp;

namespace LoraPS.Engine.Data;

/// <summary>An open picture file: its header at once, its pixels when asked for.</summary>
internal sealed class ImageFile : IDisposable
{
    /// <summary>Most pixels that are decoded, as many as Pillow decodes: a file of a few bytes can announce any number.</summary>
    public const int MaxPixels = 2 * (1024 * 1024 * 1024 / 4 / 3);

    private readonly SKCodec _codec;
    private readonly string _path;

    private ImageFile(SKCodec codec, string path) => (_codec, _path) = (codec, path);

    /// <summary>File name endings of the pictures that are read, in any case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".webp", ".bmp"];

    /// <summary>Size of the upright picture: stored width and height change places where EXIF says it lies on its side.</summary>
    public ImageSize Size
    {
        get
        {
            var stored = new ImageSize(_codec.Info.Width, _codec.Info.Height);
            return _codec.EncodedOrigin >= SKEncodedOrigin.LeftTop ? stored.Transposed : stored;
        }
    }

    /// <summary>Opens a picture and reads its header.</summary>
    /// <exception cref="ImageUnreadableException">The file cannot be opened or is no picture.</exception>
    public static ImageFile Open(string path)
    {
        var codec = SKCodec.Create(path, out var result)
            ?? throw new ImageUnreadableException(path, result switch
            {
                SKCodecResult.IncompleteInput => "its header is cut short",
                SKCodecResult.InternalError => "it cannot be opened",
                _ => "it is not a PNG, JPEG, WebP or BMP picture, or its header is damaged",
            });
        return new ImageFile(codec, path);
    }

    /// <summary>True when the name ends as pictures' names do.</summary>
    public static bool HasImageName(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Decodes all pixels.</summary>
    /// <exception cref="ImageUnreadableException">The data is damaged or cut short.</exception>
    public UprightPixels Decode()
    {
        // Unpremultiplied and without colour management: the stored red, green and blue, as Pillow gives them.
        var info = new SKImageInfo(_codec.Info.Width, _codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (info.Width > MaxPixels / info.Height)
            throw new ImageUnreadableException(_path, $"{info.Width}x{info.Height} pixels are more than the {MaxPixels} allowed");
        var bytes = new byte[info.BytesSize64];
        SKCodecResult result;
        unsafe
        {
            fixed (byte* start = bytes)
                result = _codec.GetPixels(info, (nint)start);
        }

        return result == SKCodecResult.Success
            ? new UprightPixels(bytes, new ImageSize(info.Width, info.Height), _codec.EncodedOrigin)
            : throw new ImageUnreadableException(_path, result == SKCodecResult.IncompleteInput
                ? "its data is cut short" : $"its data is damaged ({result})");
    }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();
}
