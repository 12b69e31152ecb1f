using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SkiaSharp;

namespace LoraPS.Engine.Data;

/// <summary>Decoded pixels, read as if the picture had been stored upright.</summary>
internal sealed class UprightPixels
{
    private readonly byte[] _rgba;
    private readonly int _start;
    private readonly int _stepX;
    private readonly int _stepY;

    /// <param name="rgba">Four bytes a pixel, rows as stored.</param>
    /// <param name="stored">Size as stored.</param>
    /// <param name="origin">Which corner of the upright picture is stored first (EXIF orientation 1 to 8).</param>
    public UprightPixels(byte[] rgba, ImageSize stored, SKEncodedOrigin origin)
    {
        _rgba = rgba;
        var (width, lastRow, last) = (stored.Width, stored.Width * (stored.Height - 1), (stored.Width * stored.Height) - 1);
        // Where the upright top left pixel is stored, and how far off the next one to the right and the next one below are.
        (_start, _stepX, _stepY) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => (lastRow, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (lastRow, -width, 1),
            SKEncodedOrigin.RightBottom => (last, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        Size = origin >= SKEncodedOrigin.LeftTop ? stored.Transposed : stored;
    }

    /// <summary>Size of the upright picture.</summary>
    public ImageSize Size { get; }

    /// <summary>A name for exactly these pixels in this size, in whatever way a file keeps them.</summary>
    /// <value>64 hexadecimal digits (SHA-256).</value>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(Size.Width));
        var row = new Vector4[Size.Width];
        for (var y = 0; y < Size.Height; y++)
        {
            ReadRow(y, row);
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>One row of the upright picture.</summary>
    /// <param name="y">Row from the top.</param>
    /// <param name="row">Red, green, blue and opacity in 0 to 255; as long as the picture is wide.</param>
    public void ReadRow(int y, Span<Vector4> row)
    {
        var at = 4 * (_start + (y * _stepY));
        for (var x = 0; x < row.Length; x++, at += 4 * _stepX)
            row[x] = new Vector4(_rgba[at], _rgba[at + 1], _rgba[at + 2], _rgba[at + 3]);
    }
}
