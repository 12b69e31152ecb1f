using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Loading;
using LoraPS.Engine.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A small model with a tokenizer, and drawn pictures with captions, in a temporary folder.</summary>
internal sealed class TrainingFolder : IDisposable
{
    public const int PictureSize = 64;
    private const int VocabularySize = 49408;

    private readonly TemporaryFolder _folder = new();
    private readonly ModelFolder _model = new();

    public TrainingFolder(int pictures = 4)
    {
        // The small model's own vocabulary has 64 words; the tokenizer gives the ids of the full one.
        _model.Change("text_encoder/model.safetensors", tensors =>
            tensors["text_model.embeddings.token_embedding.weight"] = new CounterRandom(1, RandomPurpose.ModelInit).Normal(VocabularySize, 32) * 0.1);
        var config = _model["text_encoder/config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"vocab_size\": 64", $"\"vocab_size\": {VocabularySize}", StringComparison.Ordinal));
        Directory.CreateDirectory(_model["tokenizer"]);
        foreach (var file in (string[])["vocab.json", "merges.txt"])
            File.Copy(TestFiles.Fixture($"tokenizer/{file}"), _model[$"tokenizer/{file}"]);
        Directory.CreateDirectory(Pictures);
        for (var i = 0; i < pictures; i++)
            Draw(i);
    }

    public string Model => _model.Path;

    public string Pictures => _folder.File("pictures");

    public string this[string name] => _folder.File(name);

    /// <summary>Files in the output folder.</summary>
    public IEnumerable<string> Entries => _folder.Entries.Where(name => name != "pictures").Order(StringComparer.Ordinal);

    public LoraDataset Dataset(int batchSize = 2, SubsetOptions? subset = null) => LoraDataset.FromFolder(
        Pictures,
        new DatasetOptions { Resolution = new ImageSize(PictureSize, PictureSize), BatchSize = batchSize },
        subset ?? new SubsetOptions { CaptionExtension = ".txt" });

    public TrainingOptions Options(string name = "cat.safetensors") => new()
    {
        DestinationPath = this[name],
        MaxTrainSteps = 5,
        LearningRate = 1e-3,
        Seed = 1,
        Clock = new StandingClock(),
    };

    public void Dispose()
    {
        _folder.Dispose();
        _model.Dispose();
    }

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
