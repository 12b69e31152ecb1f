using LoraPS.Engine.Data;
using SkiaSharp;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Pictures: PNG, JPEG, WebP and BMP, from the header to the pixels.</summary>
internal sealed class PictureTarget : FuzzTarget
{
    public override string Name => "pictures";

    // A few bytes can be a picture of any size in one colour: the engine's limit is 179 million pixels of four bytes.
    public override long MostAllocated => 800L << 20;

    protected override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoded(SKEncodedImageFormat.Png), Encoded(SKEncodedImageFormat.Jpeg), Encoded(SKEncodedImageFormat.Webp), Bitmap(),
    ];

    protected override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Utf8("IHDR", "IDAT", "IEND", "iCCP", "eXIf", "Exif\0\0", "VP8 ", "VP8L", "VP8X", "RIFF", "BM"), [0xff, 0xd8], [0xff, 0xc0], [0xff, 0xda], [0xff, 0xe1], [0, 0, 0x7f, 0xff],
    ];

    public override void Try(byte[] input, string folder)
    {
        Write(folder, "1.png", input);
        var dataset = LoraDataset.FromFolder(folder, new DatasetOptions { Resolution = new ImageSize(64, 64), EnableBucket = true, MinBucketResolution = 64, MaxBucketResolution = 128 }, new SubsetOptions { AlphaMask = true });
        foreach (var entry in dataset.Entries)
        {
            ImageTransform.Load(entry).Dispose();
            ImageTransform.LoadMask(entry)?.Dispose();
        }
    }

    private static byte[] Encoded(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(48, 40);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColors.Teal })
        {
            canvas.Clear(SKColors.LightGray);
            canvas.DrawCircle(20, 20, 12, paint);
        }

        using var data = bitmap.Encode(format, 80);
        return data.ToArray();
    }

    /// <summary>A BMP of 2x2 pixels, which SkiaSharp reads and does not write.</summary>
    private static byte[] Bitmap() =>
    [
        .. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        .. Enumerable.Range(0, 16).Select(i => (byte)(i * 15)),
    ];
}
