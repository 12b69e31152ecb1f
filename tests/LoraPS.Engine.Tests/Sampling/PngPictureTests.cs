using LoraPS.Engine.Sampling;
using SkiaSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Sampling;

public sealed class PngPictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("a zorb\nSteps: 20, Seed: 1")]
    [InlineData("café, naïve")]
    [InlineData("ゾーブ 🟣")]
    [InlineData("")]
    public void The_text_comes_back(string text)
    {
        var path = Write(zeros(3, 4, 5), text);

        Assert.Equal(text, PngPicture.ReadText(path, "parameters"));
        Assert.Null(PngPicture.ReadText(path, "parameter"));
    }

    [Fact]
    public void The_pixels_come_back_and_stay_in_range()
    {
        using var pixels = tensor(new float[] { -1, 1, 5, 0, 0, 0, -7, 1, -1 }, [3, 1, 3]);
        using var picture = SKBitmap.Decode(Write(pixels, "x"));

        Assert.Equal(
            [new SKColor(0, 128, 0), new SKColor(255, 128, 255), new SKColor(255, 128, 0)],
            Enumerable.Range(0, 3).Select(x => picture.GetPixel(x, 0)));
    }

    [Fact]
    public void A_file_that_ends_early_has_no_text()
    {
        var path = Write(zeros(3, 2, 2), "text");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..40]);

        Assert.Null(PngPicture.ReadText(path, "parameters"));
    }

    public void Dispose() => _folder.Dispose();

    private string Write(Tensor pixels, string text)
    {
        var path = Path.Combine(_folder.Path, "a.png");
        PngPicture.Write(path, pixels, "parameters", text);
        return path;
    }
}
