using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.ModelMaker;
using static TorchSharp.torch;

namespace LoraPS.Bench.Benchmarks;

/// <summary>What a machine with a CUDA device is asked once: whether its numbers are right, and how fast it is.</summary>
/// <remarks>
/// The model and numbers of the reference, computed on a CPU in float32, lie beside this program. Float32 on a card may use
/// its shorter TF32 format in convolutions, so the bounds are wider than those of the tests.
/// </remarks>
public sealed class GpuCheckBenchmark : IBenchmark
{
    private const int Steps = 5;
    private const double PredictionBound = 5e-3;
    private const double LossBound = 1e-3;

    private static readonly (TrainingPrecision Precision, bool Checkpointing)[] FullSizeRuns =
        [(TrainingPrecision.Fp32, false), (TrainingPrecision.MixedBf16, false), (TrainingPrecision.MixedBf16, true), (TrainingPrecision.MixedFp16, false)];

    /// <inheritdoc/>
    public string Name => "gpu-check";

    /// <inheritdoc/>
    public string Summary => "the reference's numbers, a small training and a full-size step on a CUDA device [--device cuda] [--steps 10, 0 for no full-size step]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["device", "steps"], []);
        var name = line.Text("device", "cuda");
        try
        {
            ComputeDevice.Resolve(name);
        }
        catch (DeviceUnavailableException e)
        {
            Console.WriteLine($"Nothing to check: {e.Message}");
            return 0;
        }

        var isRight = CheckNumbers(name);
        TrainSmallModel(name);
        var steps = line.Number("steps", 10);
        foreach (var (precision, checkpointing) in steps == 0 ? [] : FullSizeRuns)
        {
            Console.WriteLine($"Full-size step, {precision}{(checkpointing ? " with gradient checkpointing" : "")}:");
            var options = new TrainingOptions { DestinationPath = "unused", Precision = precision, GradientCheckpointing = checkpointing, Device = name };
            TrainingStepBenchmark.Measure(options with { Network = new() { Rank = 16, Alpha = 16 } }, batch: 1, steps);
        }

        return isRight ? 0 : 1;
    }

    private static bool CheckNumbers(string deviceName)
    {
        using var scope = NewDisposeScope();
        var device = ComputeDevice.Resolve(deviceName);
        using var model = StableDiffusionModel.Load(Reference("unet/sd1_checkpoint.safetensors"), new(Device: device));
        using var predictions = SafetensorsFile.Open(Reference("unet/sd1_io.safetensors"));
        var isRight = true;
        foreach (var @case in new[] { 0, 1 })
        {
            using var noGradient = no_grad();
            Tensor On(string key) => predictions.Read($"{@case}.{key}").to(device);
            var found = model.UNet.call(On("latents"), On("timesteps"), On("context")).cpu();
            isRight &= Told($"prediction {@case}", Distance(found, predictions.Read($"{@case}.out")), PredictionBound);
        }

        using var forward = SafetensorsFile.Open(Reference("lora/lierla_forward.safetensors"));
        return Told($"losses of {Steps} training steps", Distance(Losses(model, deviceName), forward.Read("losses")), LossBound) && isRight;
    }

    private static Tensor Losses(StableDiffusionModel model, string device)
    {
        var options = new TrainingOptions
        {
            DestinationPath = "unused",
            Network = new() { Rank = 4, Alpha = 1 },
            UNetLearningRate = 1e-3,
            TextEncoderLearningRate = 5e-4,
            MaxGradNorm = 0,
            Device = device,
        };
        using var inputs = SafetensorsFile.Open(Reference("lora/train_io.safetensors"));
        using var weights = SafetensorsFile.Open(Reference("lora/lierla_init.safetensors"));
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, options.Network, seed: 1);
        network.Load(weights);
        network.Attach();
        using var trainer = new NetworkTrainer(model.UNet, network, options);
        var losses = new float[Steps];
        for (var step = 0; step < Steps; step++)
        {
            var drawn = new DenoisingInputs(inputs.Read($"{step}.latents"), inputs.Read($"{step}.noise"), inputs.Read($"{step}.timesteps"), [1, 1]);
            var loss = trainer.Loss(drawn, model.TextEncoder.Encode(inputs.Read("input_ids").to(ComputeDevice.Resolve(device))));
            losses[step] = loss.item<float>();
            trainer.Update(loss);
        }

        return tensor(losses);
    }

    private static void TrainSmallModel(string device)
    {
        var folder = Directory.CreateTempSubdirectory("lora-gpu-check").FullName;
        try
        {
            var dataset = LoraDataset.FromFolder(
                Beside("images"), new() { Resolution = new(64, 64), BatchSize = 4 }, new() { CaptionExtension = ".txt", Repeats = 4 });
            TrainingResult? result = null;
            var time = Stopwatches.Time(() => result = LoraTrainer.Train(
                Beside("models/tiny"), dataset,
                new() { DestinationPath = Path.Combine(folder, "small.safetensors"), Network = new() { Rank = 8, Alpha = 4 }, LearningRate = 1e-3, MaxTrainSteps = 60, Seed = 1, Device = device }));
            Console.WriteLine(FormattableString.Invariant($"small model      {result!.Steps} steps in {time.TotalSeconds:0.0} s"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Told(string what, double distance, double bound)
    {
        Console.WriteLine(FormattableString.Invariant($"{what}: {distance:0.0e0} from the reference, {(distance <= bound ? "right" : "WRONG")} (bound {bound:0e0})"));
        return distance <= bound;
    }

    // The largest difference, as a share of the largest number.
    private static double Distance(Tensor found, Tensor expected) =>
        (found - expected).abs().max().item<float>() / expected.abs().max().item<float>();

    private static string Reference(string name) => Beside(Path.Combine("reference", name));

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);
}
