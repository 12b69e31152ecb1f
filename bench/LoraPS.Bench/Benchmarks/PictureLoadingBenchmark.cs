using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Data;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.ModelMaker;
using TorchSharp;

namespace LoraPS.Bench.Benchmarks;

/// <summary>What is gained by reading pictures while others are encoded or trained.</summary>
/// <remarks>
/// The small model's networks take about as long for a picture as its reading does, as full-size ones do on a graphics card;
/// on a CPU the full-size VAE takes many times as long.
/// </remarks>
public sealed class PictureLoadingBenchmark : IBenchmark
{
    private const int Side = 512;

    /// <inheritdoc/>
    public string Name => "picture-loading";

    /// <inheritdoc/>
    public string Summary => "photos of 12 megapixels read while others are encoded or trained [--pictures 12] [--vae tiny|sd15]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["pictures", "vae"], []);
        var count = line.Number("pictures", 12);
        var path = ArtifactFiles.SmallModel(line.Text("vae", "tiny"));
        using var photos = new Photos(count);
        var dataset = photos.Dataset(new() { Resolution = new(Side, Side) }, randomCrop: false);
        using (var model = StableDiffusionModel.Load(path))
            MeasureEncoding(model, dataset);
        MeasureSteps(path, photos.Dataset(new() { Resolution = new(Side, Side) }, randomCrop: true));
        return 0;
    }

    private static void MeasureEncoding(StableDiffusionModel model, LoraDataset dataset)
    {
        using var noGradient = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var pixels = ImageTransform.Load(dataset.Entries[0]).unsqueeze(0);
        model.Vae.Encode(pixels);
        var reading = Stopwatches.Time(() => Each(dataset, entry => ImageTransform.Load(entry)));
        var encoding = Stopwatches.Time(() => Each(dataset, _ => model.Vae.Encode(pixels)));
        using var store = new LatentStore(model.Vae);
        var both = Stopwatches.Time(() => store.Fill(dataset.Entries));
        Print($"reading a picture     {Share(reading, dataset):0} ms");
        Print($"encoding a picture    {Share(encoding, dataset):0} ms");
        Print($"both, one while other {Share(both, dataset):0} ms, {(reading + encoding) / both:0.00} x as fast as one after the other");
    }

    private static void MeasureSteps(string model, LoraDataset dataset)
    {
        var (after, ahead) = (Step(model, dataset, preparesAhead: false), Step(model, dataset, preparesAhead: true));
        Print($"a step on a crop anew {after.TotalMilliseconds:0} ms; prepared ahead {ahead.TotalMilliseconds:0} ms, {after / ahead:0.00} x as fast");
    }

    /// <summary>Median of the steps of two epochs but the first.</summary>
    private static TimeSpan Step(string model, LoraDataset dataset, bool preparesAhead)
    {
        var steps = new StepTimes();
        LoraTrainer.Train(model, dataset, new()
        {
            DestinationPath = Path.Combine(ArtifactFiles.Folder, "picture-loading.safetensors"),
            Overwrite = true,
            Seed = 1,
            MaxTrainEpochs = 2,
            PreparesAhead = preparesAhead,
        }, steps);
        return steps.Durations.Skip(1).Median();
    }

    private static void Each(LoraDataset dataset, Func<DatasetEntry, IDisposable> work)
    {
        foreach (var entry in dataset.Entries)
            work(entry).Dispose();
    }

    private static double Share(TimeSpan time, LoraDataset dataset) => time.TotalMilliseconds / dataset.ImageCount;

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));

    private sealed class StepTimes : IProgress<EngineEvent>
    {
        public List<TimeSpan> Durations { get; } = [];

        public void Report(EngineEvent value)
        {
            if (value is TrainingStepEvent { Step: var step })
                Durations.Add(step.Duration);
        }
    }
}
