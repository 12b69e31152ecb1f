using LoraPS.Engine.Data;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Data;

public sealed class MaskTests : IDisposable
{
    private const int Side = 64;
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void A_picture_counts_where_it_is_opaque()
    {
        Write("pictures/a.png", SKColors.Red.WithAlpha(51), SKColors.Red);
        var mask = ImageTransform.LoadMask(Entry(new() { AlphaMask = true }))!;
        Assert.Equal([Side, Side], mask.shape);
        Assert.True(mask.narrow(1, 0, Side / 2).sub(0.2).abs().max().item<float>() < 1e-6);
        Assert.Equal(1, mask.narrow(1, Side / 2, Side / 2).min().item<float>());
        Assert.Equal(1, ImageTransform.LoadMask(Entry(new() { AlphaMask = true }), flipped: true)!.narrow(1, 0, Side / 2).min().item<float>());
    }

    [Fact]
    public void A_picture_without_opacity_counts_everywhere()
    {
        Write("pictures/a.jpg", SKColors.Red, SKColors.Blue);
        Assert.Equal(1, ImageTransform.LoadMask(Entry(new() { AlphaMask = true }))!.min().item<float>());
    }

    [Fact]
    public void The_colours_do_not_depend_on_the_mask()
    {
        Write("pictures/a.png", SKColors.Red.WithAlpha(51), SKColors.Red);
        Assert.Null(ImageTransform.LoadMask(Entry(new())));
        Assert.True(ImageTransform.Load(Entry(new())).equal(ImageTransform.Load(Entry(new() { AlphaMask = true }))).all().item<bool>());
    }

    [Fact]
    public void A_mask_picture_of_the_same_name_goes_before_opacity()
    {
        Write("pictures/a.png", SKColors.Red.WithAlpha(51), SKColors.Red);
        Write("masks/a.webp.png", SKColors.White, SKColors.White);
        Write("masks/a.png", SKColors.Black, SKColors.White);
        var mask = ImageTransform.LoadMask(Entry(new() { AlphaMask = true, MaskDirectory = _folder.File("masks") }))!;
        Assert.Equal(0, mask.narrow(1, 0, Side / 2).max().item<float>());
        Assert.Equal(1, mask.narrow(1, Side / 2, Side / 2).min().item<float>());
    }

    [Fact]
    public void A_picture_whose_mask_is_missing_is_left_out_with_a_warning()
    {
        Write("pictures/a.png", SKColors.Red, SKColors.Red);
        Write("pictures/b.png", SKColors.Red, SKColors.Red);
        Write("masks/b.png", SKColors.White, SKColors.White);
        var events = new DatasetFixture.Events();
        var dataset = Dataset(new() { MaskDirectory = _folder.File("masks") }, events);
        Assert.Equal(_folder.File("pictures/b.png"), Assert.Single(dataset.Entries).Path);
        Assert.Contains(events.Warnings, warning => warning.Id == "MaskMissing");
    }

    [Fact]
    public void A_folder_of_masks_that_is_not_there_is_an_error()
    {
        Write("pictures/a.png", SKColors.Red, SKColors.Red);
        Assert.Throws<ImageFolderNotFoundException>(() => Dataset(new() { MaskDirectory = _folder.File("masks") }));
    }

    [Fact]
    public void A_mask_that_cannot_be_read_is_told_of_with_its_picture()
    {
        Write("pictures/a.png", SKColors.Red, SKColors.Red);
        Directory.CreateDirectory(_folder.File("masks"));
        File.WriteAllText(_folder.File("masks/a.png"), "no picture");
        var error = Assert.Throws<ImageUnreadableException>(() => ImageTransform.LoadMask(Entry(new() { MaskDirectory = _folder.File("masks") })));
        Assert.Equal(_folder.File("pictures/a.png"), error.Path);
        Assert.Contains(_folder.File("masks/a.png"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Masks_belong_to_the_data_a_run_can_be_resumed_with()
    {
        Write("pictures/a.png", SKColors.Red, SKColors.Red);
        Assert.NotEqual(Dataset(new()).Fingerprint, Dataset(new() { AlphaMask = true }).Fingerprint);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    private DatasetEntry Entry(SubsetOptions subset) => Dataset(subset).Entries[0];

    private LoraDataset Dataset(SubsetOptions subset, DatasetFixture.Events? events = null) =>
        LoraDataset.FromFolder(_folder.File("pictures"), new() { Resolution = new(Side, Side) }, subset, events);

    /// <summary>A picture of two colours, left and right.</summary>
    private void Write(string name, SKColor left, SKColor right)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
                bitmap.SetPixel(x, y, x < Side / 2 ? left : right);
        DatasetFixture.WriteImage(_folder.File(name), bitmap);
    }
}
