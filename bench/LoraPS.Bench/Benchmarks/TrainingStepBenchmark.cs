using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.ModelMaker;
using TorchSharp;

namespace LoraPS.Bench.Benchmarks;

/// <summary>One training step of a full-size model at 512×512.</summary>
/// <remarks>
/// The first step is not counted: it lets memory grow to its size and libtorch prepare its kernels. The peak of the matrix
/// product is measured after the steps, in the steps' number format.
/// </remarks>
public sealed class TrainingStepBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "training-step";

    /// <inheritdoc/>
    public string Summary =>
        "a step at 512x512, SD 1.5 sizes [--steps 3] [--rank 16] [--batch 1] [--unet-only] [--precision Fp32|MixedBf16|...] [--checkpointing] [--optimizer AdamW] [--device cpu]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["steps", "rank", "batch", "precision", "optimizer", "device"], ["unet-only", "checkpointing"]);
        var options = new TrainingOptions
        {
            DestinationPath = "unused",
            Network = new() { Rank = line.Number("rank", 16), Alpha = line.Number("rank", 16), TrainTextEncoder = !line.Has("unet-only") },
            Precision = Enum.Parse<TrainingPrecision>(line.Text("precision", nameof(TrainingPrecision.Fp32)), ignoreCase: true),
            GradientCheckpointing = line.Has("checkpointing"),
            Optimizer = line.Text("optimizer", "AdamW"),
            Device = line.Text("device", "cpu"),
        };
        Measure(options, line.Number("batch", 1), line.Number("steps", 3));
        return 0;
    }

    /// <summary>Times steps, and prints what they took.</summary>
    public static void Measure(TrainingOptions options, int batch, int steps)
    {
        ArgumentNullException.ThrowIfNull(options);
        TorchRuntime.EnsureLoaded();
        using var training = new FullSizeTraining(options, batch);
        training.Step();
        var (before, operations) = (Stopwatches.ProcessorTime, training.Operations.Step);
        var times = Enumerable.Range(0, steps).Select(_ => training.Step()).ToList();
        var processor = (Stopwatches.ProcessorTime - before) / steps;
        // Forward passes that checkpointing repeats are no progress and do not count.
        operations = (training.Operations.Step - operations) / steps / (options.GradientCheckpointing ? 2 : 1);

        var device = ComputeDevice.Resolve(options.Device);
        var peak = MatrixPeak.Measure(options.Precision.ModelType(), device);
        var all = times.ConvertAll(time => time.Forward + time.Backward);
        var achieved = operations / all.Median().TotalSeconds;
        Print($"step            {all.Median().TotalSeconds:0.00} s (median of {steps}, best {all.Min().TotalSeconds:0.00} s)");
        Print($"of that         {times.Select(time => time.Forward).Median().TotalSeconds:0.00} s forward, {times.Select(time => time.Backward).Median().TotalSeconds:0.00} s backward and update");
        Print($"processor time  {processor.TotalSeconds:0.0} s a step");
        Print($"peak memory     {ProcessMemory.PeakGigabytes():0.00} GB of the process{(device.type == DeviceType.CUDA ? ", without the card's" : "")}");
        Print($"operations      {operations / 1e12:0.00} TFLOP a step, {achieved / 1e9:0} GFLOP/s");
        Print($"matrix product  {peak / 1e9:0} GFLOP/s; the step reaches {achieved / peak:P0} of it");
    }

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
