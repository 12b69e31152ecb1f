using LoraPS.Engine.Data;
using SkiaSharp;

namespace LoraPS.Engine.Tests.Data;

/// <summary>The check of a data set before it is trained.</summary>
public sealed class DatasetInspectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_is_wrong_with_pictures_is_found()
    {
        Draw("a.png", 128, 64, SKColors.Red, caption: "red");
        Draw("b.png", 64, 64, SKColors.Blue, caption: " ");
        Draw("c.png", 128, 64, SKColors.Red);
        Draw("d.png", 32, 32, SKColors.Green, caption: "small");
        Draw("e.png", 64, 64, SKColors.Black, caption: "cut");
        File.WriteAllBytes(_folder.File("e.png"), File.ReadAllBytes(_folder.File("e.png"))[..^30]);
        File.WriteAllText(_folder.File("f.png"), "no picture");
        var report = Inspect();
        Assert.Equal(["a.png", "b.png", "c.png", "d.png", "e.png"], Names(report.Pictures));
        Assert.Equal(["b.png", "c.png"], Names(report.WithoutCaption));
        Assert.Equal(_folder.File("a.png"), Assert.Single(report.Duplicates).DuplicateOf);
        Assert.Equal(["c.png"], Names(report.Duplicates));
        Assert.Equal(["e.png"], Names(report.Unreadable));
        Assert.Equal(["d.png"], Names(report.Enlarged));
        Assert.Equal(_folder.File("f.png"), Assert.Single(report.Skipped).Path);
        Assert.False(report.IsClean);
        // Half of a picture twice as wide as the bucket is cut away; a picture of half its sides is doubled.
        Assert.Equal((0.5, 1), (report.Pictures[0].CroppedShare, report.Pictures[0].Enlargement));
        Assert.Equal((0, 2), (report.Pictures[3].CroppedShare, report.Pictures[3].Enlargement));
        Assert.Equal(new AspectBucket(new ImageSize(64, 64), 5, 5, 3), Assert.Single(report.Buckets));
    }

    [Fact]
    public void The_same_pixels_in_another_file_format_are_a_duplicate()
    {
        Draw("a.png", 64, 64, SKColors.Red, caption: "red");
        Draw("b.bmp.png", 64, 64, SKColors.Red, caption: "red", SKEncodedImageFormat.Webp);
        Assert.Equal(["b.bmp.png"], Names(Inspect().Duplicates));
    }

    [Fact]
    public void A_data_set_without_fault_is_clean()
    {
        Draw("a.png", 64, 64, SKColors.Red, caption: "red");
        Assert.True(Inspect().IsClean);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Names(IEnumerable<PictureReport> pictures) => pictures.Select(picture => Path.GetFileName(picture.Path));

    private DatasetReport Inspect() => DatasetInspector.Inspect(LoraDataset.FromFolder(
        _folder.Path, new DatasetOptions { Resolution = new ImageSize(64, 64), BatchSize = 2 }, new SubsetOptions { CaptionExtension = ".txt" }));

    private void Draw(string name, int width, int height, SKColor color, string? caption = null, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(color);
        using (var file = File.Create(_folder.File(name)))
            bitmap.Encode(file, format, 100);
        if (caption is not null)
            File.WriteAllText(_folder.File(Path.ChangeExtension(name, ".txt")), caption);
    }
}
