using LoraPS.Engine.Formats;
using LoraPS.Engine.Sampling;
using SkiaSharp;

namespace LoraPS.Engine.Tests.Sampling;

public sealed class ImageGridTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ImageGridOptions Options => new() { DestinationPath = _folder.File("grid.png"), Columns = 2, Scale = 2, Gap = 1 };

    [Fact]
    public void Pictures_stand_row_by_row_in_the_middle_of_their_cells()
    {
        string[] paths = [Draw("a", 3, 3, SKColors.Red), Draw("b", 1, 1, SKColors.Blue), Draw("c", 3, 1, SKColors.Green)];

        Assert.Equal(new ImageGridResult(_folder.File("grid.png"), 3, 2, 2, 13, 13), ImageGrid.Write(paths, Options));

        using var grid = SKBitmap.Decode(_folder.File("grid.png"));
        (int X, int Y, SKColor Colour)[] expected =
        [
            (0, 0, SKColors.Red), (5, 5, SKColors.Red), (6, 0, SKColors.White), (7, 0, SKColors.White), (9, 2, SKColors.Blue), (10, 3, SKColors.Blue),
            (11, 3, SKColors.White), (0, 8, SKColors.White), (0, 9, SKColors.Green), (5, 10, SKColors.Green), (5, 11, SKColors.White), (12, 12, SKColors.White),
        ];
        Assert.All(expected, pixel => Assert.Equal(pixel.Colour, grid.GetPixel(pixel.X, pixel.Y)));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 2, 2)]
    [InlineData(7, 3, 3)]
    public void A_grid_is_about_square_by_itself(int count, int columns, int rows)
    {
        var grid = ImageGrid.Write([.. Enumerable.Repeat(Draw("a", 2, 2, SKColors.Red), count)], Options with { Columns = null });

        Assert.Equal((columns, rows), (grid.Columns, grid.Rows));
    }

    [Fact]
    public void What_cannot_be_used_is_refused_and_nothing_is_written()
    {
        var picture = Draw("a", 2, 2, SKColors.Red);
        File.WriteAllText(_folder.File("text.png"), "text");

        Assert.Throws<MissingFileException>(() => ImageGrid.Write([_folder.File("none.png")], Options));
        Assert.Throws<UnreadableFileException>(() => ImageGrid.Write([picture, _folder.File("text.png")], Options));
        Assert.Throws<ArgumentException>(() => ImageGrid.Write([], Options));
        Assert.ThrowsAny<ArgumentException>(() => ImageGrid.Write([picture], Options with { Scale = 0 }));
        Assert.Throws<ArgumentException>(() => ImageGrid.Write([picture], Options with { Scale = 20_000 }));
        Assert.False(File.Exists(Options.DestinationPath));
        ImageGrid.Write([picture], Options);
        Assert.Throws<DestinationExistsException>(() => ImageGrid.Write([picture], Options));
        ImageGrid.Write([picture], Options with { Overwrite = true });
    }

    public void Dispose() => _folder.Dispose();

    private string Draw(string name, int width, int height, SKColor colour)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(colour);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        File.WriteAllBytes(_folder.File($"{name}.png"), png.ToArray());
        return _folder.File($"{name}.png");
    }
}
