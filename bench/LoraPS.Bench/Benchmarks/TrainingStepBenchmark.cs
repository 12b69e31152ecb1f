using System.Globalization;
using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.ModelMaker;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Bench.Benchmarks;

/// <summary>One training step of a full-size model at 512×512.</summary>
public sealed class TrainingStepBenchmark : IBenchmark
{
    private const int LatentSide = 64;
    private const int Tokens = 77;

    /// <inheritdoc/>
    public string Name => "training-step";

    /// <inheritdoc/>
    public string Summary => "a step at 512x512, SD 1.5 sizes, [--steps 3] [--rank 16] [--batch 1] [--unet-only] [--bf16] [--checkpointing]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["steps", "rank", "batch"], ["unet-only", "bf16", "checkpointing"]);
        TorchRuntime.EnsureLoaded();
        var options = new TrainingOptions
        {
            DestinationPath = "unused",
            Precision = line.Has("bf16") ? TrainingPrecision.MixedBf16 : TrainingPrecision.Fp32,
            Network = new() { Rank = line.Number("rank", 16), Alpha = line.Number("rank", 16), TrainTextEncoder = !line.Has("unet-only") },
        };
        using var model = new FullSizeModel(line.Has("bf16") ? ScalarType.BFloat16 : ScalarType.Float32, CPU);
        model.UNet.GradientCheckpointing = model.TextEncoder.GradientCheckpointing = line.Has("checkpointing");
        var operations = new OperationCounter();
        operations.Watch(model.UNet);
        operations.Watch(model.TextEncoder);
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, options.Network, seed: 1);
        using var trainer = new NetworkTrainer(model.UNet, network, options);
        network.Attach();

        var batch = line.Number("batch", 1);
        var (forward, backward) = (new List<TimeSpan>(), new List<TimeSpan>());
        // The first step is not counted: it lets memory grow to its size and libtorch prepare its kernels.
        var steps = line.Number("steps", 3);
        var processor = new List<TimeSpan>();
        for (var step = 0; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            var before = Stopwatches.ProcessorTime;
            var loss = zeros(0);
            forward.Add(Stopwatches.Time(() => loss = trainer.Loss(Inputs(batch), States(model, batch, options))));
            backward.Add(Stopwatches.Time(() => trainer.Update(loss)));
            processor.Add(Stopwatches.ProcessorTime - before);
        }

        var peak = MatrixPeak.Measure();
        var times = forward.Zip(backward, (first, second) => first + second).Skip(1).ToList();
        var achieved = operations.Step / (steps + 1) / times.Median().TotalSeconds;
        Print($"step            {times.Median().TotalSeconds:0.00} s (median of {steps}: {string.Join(", ", times.Select(time => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)))})");
        Print($"of that         {forward.Skip(1).Median().TotalSeconds:0.00} s forward, {backward.Skip(1).Median().TotalSeconds:0.00} s backward and update; {processor.Skip(1).Median().TotalSeconds:0.0} s of processor time");
        Print($"peak memory     {ProcessMemory.PeakGigabytes():0.00} GB");
        Print($"operations      {operations.Step / (steps + 1) / 1e12:0.00} TFLOP a step, {achieved / 1e9:0} GFLOP/s");
        Print($"matrix product  {peak / 1e9:0} GFLOP/s; the step reaches {achieved / peak:P0} of it");
        return 0;
    }

    private static DenoisingInputs Inputs(int batch) => new(
        randn(batch, 4, LatentSide, LatentSide), randn(batch, 4, LatentSide, LatentSide), randint(1000, batch, dtype: ScalarType.Int64),
        [.. Enumerable.Repeat(1f, batch)]);

    private static Tensor States(FullSizeModel model, int batch, TrainingOptions options)
    {
        using var gradients = set_grad_enabled(options.Network.TrainTextEncoder);
        return model.TextEncoder.Encode(randint(model.TextEncoder.Config.VocabularySize, [batch, 1, Tokens], dtype: ScalarType.Int64), options.ClipSkip);
    }

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
