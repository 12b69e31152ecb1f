using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Writes pictures as PNG files with a text inside, and reads the text back.</summary>
/// <remarks>PNG specification (third edition), 11.3.3: a text is a tEXt chunk where Latin-1 can hold it, and an iTXt chunk otherwise.</remarks>
public static class PngPicture
{
    // The signature and the header chunk, which comes first in every file.
    private const int HeaderEnd = 8 + 25;
    private const int FrameLength = 12;

    /// <summary>Writes a picture; it appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pixels">[3, H, W], -1 to 1; what lies outside is cut to it.</param>
    /// <param name="keyword">Name of the text, 1 to 79 Latin-1 letters.</param>
    /// <param name="text">Any text.</param>
    public static void Write(string path, Tensor pixels, string keyword, string text)
    {
        var png = Encode(pixels);
        using var file = new AtomicFile(path);
        file.Write(png.AsSpan(0, HeaderEnd));
        file.Write(TextChunk(keyword, text));
        file.Write(png.AsSpan(HeaderEnd));
        file.Commit();
    }

    /// <summary>Reads a text of a picture.</summary>
    /// <param name="path">A PNG file.</param>
    /// <param name="keyword">Name of the text.</param>
    /// <returns>The text, or null where the picture has none of that name.</returns>
    public static string? ReadText(string path, string keyword)
    {
        var png = File.ReadAllBytes(path).AsSpan();
        byte[] plain = [.. Encoding.Latin1.GetBytes(keyword), 0];
        // No compression, no language, no translated keyword.
        byte[] international = [.. plain, 0, 0, 0, 0];
        for (var place = 8; place + FrameLength <= png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png[place..]);
            if (length < 0 || length > png.Length - place - FrameLength)
                return null;
            var type = png.Slice(place + 4, 4);
            var data = png.Slice(place + 8, length);
            if (type.SequenceEqual("tEXt"u8) && data.StartsWith(plain))
                return Encoding.Latin1.GetString(data[plain.Length..]);
            if (type.SequenceEqual("iTXt"u8) && data.StartsWith(international))
                return Encoding.UTF8.GetString(data[international.Length..]);
            place += length + FrameLength;
        }

        return null;
    }

    private static byte[] Encode(Tensor pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        using var scope = NewDisposeScope();
        var (height, width) = ((int)pixels.shape[1], (int)pixels.shape[2]);
        var opaque = ones([1, height, width], ScalarType.Float32).Times(byte.MaxValue);
        var levels = pixels.to(ScalarType.Float32).cpu().Plus(1).Times(byte.MaxValue / 2.0).Clamped(0, byte.MaxValue);
        var bytes = cat([levels.round(), opaque]).permute(1, 2, 0).contiguous().to(ScalarType.Byte).data<byte>().ToArray();
        using var image = SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), bytes);
        using var data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static byte[] TextChunk(string keyword, string text)
    {
        var isLatin = text.All(letter => letter <= byte.MaxValue);
        var head = Encoding.Latin1.GetBytes(keyword);
        return isLatin
            ? Chunk("tEXt", [.. head, 0, .. Encoding.Latin1.GetBytes(text)])
            : Chunk("iTXt", [.. head, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)]);
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] named = [.. Encoding.Latin1.GetBytes(type), .. data];
        byte[] chunk = [0, 0, 0, 0, .. named, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(^4), Crc32.HashToUInt32(named));
        return chunk;
    }
}
