using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Training;
using LoraPS.ModelMaker;
using SkiaSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A small model with a tokenizer, and drawn pictures with captions, in a temporary folder.</summary>
internal sealed class TrainingFolder : IDisposable
{
    public const int PictureSize = 64;

    private static readonly StableDiffusionConfig Sizes = new(
        new UNetConfig { Levels = [new(32, 8, 1), new(32, 8, 0)], LayersPerBlock = 1, CrossAttentionDim = 32 },
        new VaeConfig { Channels = [32, 32, 32, 32], LayersPerBlock = 1 },
        ModelPresets.Tiny.TextEncoder with { HiddenSize = 32, IntermediateSize = 64, Layers = 2 });

    private readonly TemporaryFolder _folder = new();

    public TrainingFolder(int pictures = 4)
    {
        DiffusersFolderWriter.Write(Model, new RandomWeights(Sizes, seed: 1), SafetensorsDType.F32);
        Directory.CreateDirectory(Pictures);
        for (var i = 0; i < pictures; i++)
            Draw(i);
    }

    public string Model => _folder.File("model");

    public string Pictures => _folder.File("pictures");

    public string this[string name] => _folder.File(name);

    /// <summary>Files in the output folder.</summary>
    public IEnumerable<string> Entries => _folder.Entries.Where(name => name is not ("pictures" or "model")).Order(StringComparer.Ordinal);

    /// <summary>SHA-256 of each file in the output folder, by name.</summary>
    public Dictionary<string, string> Hashes() => Entries.ToDictionary(name => name, name => ModelHashes.Sha256(this[name]));

    public LoraDataset Dataset(int batchSize = 2, SubsetOptions? subset = null) => Dataset(Pictures, batchSize, subset);

    public static LoraDataset Dataset(string pictures, int batchSize = 2, SubsetOptions? subset = null) => LoraDataset.FromFolder(
        pictures,
        new DatasetOptions { Resolution = new ImageSize(PictureSize, PictureSize), BatchSize = batchSize },
        subset ?? new SubsetOptions { CaptionExtension = ".txt" });

    public TrainingOptions Options(string name = "cat.safetensors") => OptionsFor(this[name]);

    public static TrainingOptions OptionsFor(string destination) => new()
    {
        DestinationPath = destination,
        MaxTrainSteps = 5,
        LearningRate = 1e-3,
        Seed = 1,
        Clock = new StandingClock(),
    };

    /// <summary>Changes the tensors of one of the model's files.</summary>
    public void ChangeModel(string file, Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Model, file);
        Dictionary<string, Tensor> tensors;
        using (var old = SafetensorsFile.Open(path))
            tensors = old.Tensors.ToDictionary(info => info.Name, info => old.Read(info.Name));
        change(tensors);
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>());
    }

    public void Dispose() => _folder.Dispose();

    private void Draw(int index)
    {
        using var bitmap = new SKBitmap(PictureSize, PictureSize);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColor.FromHsv(index * 70, 90, 90) })
        {
            canvas.Clear(SKColors.LightGray);
            canvas.DrawCircle(16 + (index * 8), 32, 12, paint);
        }

        using var file = File.Create(Path.Combine(Pictures, $"{index}.png"));
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
        File.WriteAllText(Path.Combine(Pictures, $"{index}.txt"), $"a circle, {index}");
    }

    /// <summary>Always the same moment, so that equal runs write equal bytes.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 0;
    }
}
