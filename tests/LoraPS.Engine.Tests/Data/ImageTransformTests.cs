using LoraPS.Engine.Data;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Data;

public sealed class ImageTransformTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Resized_and_cropped_pictures_are_near_the_reference(int number)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenTensors.Open("dataset/resize.safetensors");
        var pixels = golden["image_hwc"];
        WriteImage("source.png", pixels);
        var expected = golden[$"{number}.result_hwc"].to(ScalarType.Float32);
        using var loaded = ImageTransform.Load(Entry("source.png", Size(golden[$"{number}.reso"]), Size(golden[$"{number}.resized_size"])));
        var levels = ((loaded + 1) * 127.5).permute(1, 2, 0);
        Assert.Equal(expected.shape, levels.shape);
        var error = (levels - expected).abs();
        Assert.True(error.max().item<float>() <= 1.01f, $"{error.max().item<float>():g3} grey levels");
        Assert.True(error.mean().item<float>() < 0.05f, $"mean {error.mean().item<float>():g3} grey levels");
    }

    [Fact]
    public void Values_are_planes_from_minus_one_to_one()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenTensors.Open("dataset/resize.safetensors");
        WriteImage("source.png", golden["image_hwc"]);
        using var loaded = ImageTransform.Load(Entry("source.png", Size(golden["0.reso"]), Size(golden["0.resized_size"])));
        golden.AssertNear("tensor_of_result_0", loaded, absolute: 1.01 / 127.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_picture_stored_in_any_orientation_is_seen_upright(int orientation)
    {
        // Quarters: red, green / blue, white. Stored so that EXIF's orientation turns them back.
        SKColor[,] upright = { { SKColors.Red, SKColors.Green }, { SKColors.Blue, SKColors.White } };
        using var bitmap = new SKBitmap(orientation > 4 ? 32 : 64, orientation > 4 ? 64 : 32);
        for (var y = 0; y < bitmap.Height; y++)
            for (var x = 0; x < bitmap.Width; x++)
            {
                var (right, low) = (x >= bitmap.Width / 2, y >= bitmap.Height / 2);
                (right, low) = orientation switch
                {
                    2 => (!right, low),
                    3 => (!right, !low),
                    4 => (right, !low),
                    5 => (low, right),
                    6 => (!low, right),
                    7 => (!low, !right),
                    8 => (low, !right),
                    _ => (right, low),
                };
                bitmap.SetPixel(x, y, upright[low ? 1 : 0, right ? 1 : 0]);
            }

        var path = _folder.File("turned.jpg");
        DatasetFixture.WriteImage(path, bitmap);
        File.WriteAllBytes(path, WithOrientation(File.ReadAllBytes(path), orientation));

        var entry = Assert.Single(LoraDataset.FromFolder(_folder.Path, new DatasetOptions { Resolution = new(64, 32) }).Entries);
        Assert.Equal(new ImageSize(64, 32), entry.Size);
        using var loaded = ImageTransform.Load(entry);
        foreach (var (row, column) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
        {
            var colour = upright[row, column];
            using var pixel = loaded[TensorIndex.Colon, (row * 16) + 8, (column * 32) + 16];
            Assert.Equal([colour.Red, colour.Green, colour.Blue], pixel.data<float>().Select(v => (v + 1) * 127.5f), (a, b) => Math.Abs(a - b) < 12);
        }
    }

    [Fact]
    public void A_flip_mirrors_the_crop()
    {
        using var scope = NewDisposeScope();
        WriteImage("ramp.png", arange(0, 240, 4, ScalarType.Byte).reshape(1, 60, 1).expand(45, 60, 3).contiguous());
        var entry = Entry("ramp.png", new ImageSize(16, 16), new ImageSize(60, 45));
        var plain = ImageTransform.Load(entry, flipped: false, new CropOffset(5, 7));
        var flipped = ImageTransform.Load(entry, flipped: true, new CropOffset(5, 7));
        Assert.True(flipped.flip(2).allclose(plain));
        Assert.Equal((5 * 4 / 127.5f) - 1, plain[0, 0, 0].item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(ResizeInterpolation.Area)]
    [InlineData(ResizeInterpolation.Lanczos)]
    [InlineData(ResizeInterpolation.Bilinear)]
    [InlineData(ResizeInterpolation.Bicubic)]
    [InlineData(ResizeInterpolation.Nearest)]
    [InlineData(ResizeInterpolation.Box)]
    public void Every_interpolation_keeps_one_colour_and_an_unchanged_size(ResizeInterpolation interpolation)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenTensors.Open("dataset/resize.safetensors");
        var pixels = golden["image_hwc"];
        WriteImage("source.png", pixels);
        var same = Entry("source.png", new ImageSize(60, 45), new ImageSize(60, 45)) with { Interpolation = interpolation };
        Assert.True(((ImageTransform.Load(same) + 1) * 127.5).permute(1, 2, 0).allclose(pixels.to(ScalarType.Float32), atol: 0.01));

        WriteImage("grey.png", full([45, 60, 3], 100, ScalarType.Byte));
        foreach (var size in new[] { new ImageSize(23, 99), new ImageSize(150, 31), new ImageSize(7, 7), new ImageSize(121, 91) })
        {
            var grey = ImageTransform.Load(Entry("grey.png", size, size) with { Interpolation = interpolation });
            Assert.True(((grey + 1) * 127.5).allclose(full_like(grey, 100), atol: 0.01), $"{interpolation} at {size}");
        }
    }

    [Fact]
    public void A_picture_cut_short_is_an_error_that_names_it()
    {
        using var golden = GoldenTensors.Open("dataset/resize.safetensors");
        WriteImage("cut.png", golden["image_hwc"]);
        var path = _folder.File("cut.png");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
        var error = Assert.Throws<ImageUnreadableException>(() => ImageTransform.Load(Entry("cut.png", new(32, 32), new(60, 45))));
        Assert.Equal(("ImageUnreadable", path), (error.ErrorId, error.Path));
    }

    [Fact]
    public void Loading_leaves_no_tensor_behind()
    {
        WriteImage("grey.png", full([45, 60, 3], 100, ScalarType.Byte));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ImageTransform.Load(Entry("grey.png", new(32, 32), new(60, 45))).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private DatasetEntry Entry(string name, ImageSize bucket, ImageSize resized) => new(
        _folder.File(name), "", new ImageSize(60, 45), 1, new BucketFit(bucket, resized, 0), 1, ResizeInterpolation.Auto, new SubsetOptions());

    private static ImageSize Size(Tensor pair) => new((int)pair[0].item<long>(), (int)pair[1].item<long>());

    private void WriteImage(string name, Tensor pixels)
    {
        using var bitmap = new SKBitmap(new SKImageInfo((int)pixels.shape[1], (int)pixels.shape[0], SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < bitmap.Height; y++)
            for (var x = 0; x < bitmap.Width; x++)
                bitmap.SetPixel(x, y, new SKColor(pixels[y, x, 0].item<byte>(), pixels[y, x, 1].item<byte>(), pixels[y, x, 2].item<byte>()));
        DatasetFixture.WriteImage(_folder.File(name), bitmap);
    }

    /// <summary>The JPEG with an EXIF segment that holds nothing but the orientation.</summary>
    private static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] tiff = [.. "Exif\0\0II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(tiff.Length + 2), .. tiff, .. jpeg[2..]];
    }
}
