using LoraPS.Engine.Formats;
using LoraPS.Engine.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Latents and text states that are kept from one run to the next.</summary>
public sealed class TensorCacheTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public void A_second_run_finds_all_and_learns_the_same()
    {
        var without = Hash(Train(cached: false));
        Assert.Equal(without, Hash(Train()));
        var entries = Entries();
        // Four pictures, four captions.
        Assert.Equal(8, entries.Count);
        Assert.Equal(without, Hash(Train()));
        Assert.Equal(entries, Entries());
    }

    [Fact]
    public void A_changed_picture_of_the_same_name_is_encoded_anew()
    {
        Train();
        var entries = Entries();
        var (first, second) = (Path.Combine(_folder.Pictures, "0.png"), Path.Combine(_folder.Pictures, "1.png"));
        File.Copy(second, first, overwrite: true);
        // The other picture's contents are in the cache already, so nothing is added.
        Assert.Equal(Hash(Train(cached: false)), Hash(Train()));
        Assert.Equal(entries, Entries());
        Draw(first);
        Assert.Equal(Hash(Train(cached: false)), Hash(Train()));
        Assert.Equal(entries.Count + 1, Entries().Count);
    }

    [Theory]
    [InlineData("vae/diffusion_pytorch_model.safetensors", "encoder.conv_in.bias")]
    [InlineData("text_encoder/model.safetensors", "text_model.final_layer_norm.bias")]
    public void Another_model_never_finds_what_this_one_made(string file, string tensor)
    {
        Train();
        var entries = Entries();
        _folder.ChangeModel(file, tensors => tensors[tensor].fill_(0.5));
        Assert.Equal(Hash(Train(cached: false)), Hash(Train()));
        Assert.Equal(entries.Count + 4, Entries().Count);
    }

    [Fact]
    public void A_damaged_entry_is_computed_anew()
    {
        var hash = Hash(Train());
        var entries = Entries();
        foreach (var entry in entries.Keys)
            File.WriteAllBytes(entry, File.ReadAllBytes(entry)[..^5]);
        Assert.Equal(hash, Hash(Train()));
        Assert.Equal(entries, Entries());
    }

    [Fact]
    public void Entries_are_found_by_their_whole_description()
    {
        using var scope = NewDisposeScope();
        var cache = new TensorCache(_folder["cache"]);
        cache.GetOrAdd("a", () => ones(2));
        Assert.Equal([1f, 1f], cache.GetOrAdd("a", () => zeros(2)).data<float>().ToArray());
        Assert.Equal([0f, 0f], cache.GetOrAdd("b", () => zeros(2)).data<float>().ToArray());
        Assert.Equal((1, 2), (cache.Hits, cache.Misses));
    }

    public void Dispose() => _folder.Dispose();

    private static void Draw(string path)
    {
        using var bitmap = new SKBitmap(TrainingFolder.PictureSize, TrainingFolder.PictureSize);
        bitmap.Erase(SKColors.Maroon);
        using var file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    private static string Hash(TrainingResult result)
    {
        using var file = SafetensorsFile.Open(result.Path);
        return file.Metadata[LoraMetadata.ModelHashKey];
    }

    private Dictionary<string, string> Entries() =>
        Directory.EnumerateFiles(_folder["cache"]).Order(StringComparer.Ordinal).ToDictionary(path => path, ModelHashes.Sha256);

    private TrainingResult Train(bool cached = true) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), _folder.Options() with
    {
        MaxTrainSteps = 2, Network = new() { TrainTextEncoder = false }, Overwrite = true, CachePath = cached ? _folder["cache"] : null,
    });
}
