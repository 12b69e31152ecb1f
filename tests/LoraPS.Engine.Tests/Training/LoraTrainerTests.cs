using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models.Clip;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Whole runs on a small model: pictures in, LoRA file out.</summary>
public sealed class LoraTrainerTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly EventList _events = [];

    [Fact]
    public void A_run_writes_one_LoRA_and_tells_of_every_step()
    {
        var result = Train(_folder.Options());
        Assert.Equal(["cat.safetensors"], _folder.Entries);
        Assert.Equal((_folder["cat.safetensors"], 5, 3, 1L, 210), (result.Path, result.Steps, result.Epochs, result.Seed, result.ModuleCount));
        var steps = _events.OfType<TrainingStepEvent>().Select(e => e.Step).ToList();
        Assert.Equal([1, 2, 3, 4, 5], steps.Select(step => step.Step));
        Assert.Equal([1, 1, 2, 2, 3], steps.Select(step => step.Epoch));
        Assert.All(steps, step => Assert.True(step.Loss > 0 && step.GradientNorm > 0));
        Assert.Equal(result.AverageLoss, steps[^1].AverageLoss);
        Assert.Equal(["Loading the model", "Caching latents", "Training"], _events.OfType<ProgressEvent>().Select(e => e.Activity).Distinct());
    }
    
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_gives_others()
    {
        var first = Bytes(_folder.Options());
        Assert.Equal(first, Bytes(_folder.Options() with { Overwrite = true }));
        Assert.NotEqual(first, Bytes(_folder.Options() with { Overwrite = true, Seed = 2 }));
    }
    [Theory]
    [InlineData(TrainingPrecision.MixedBf16, true)]
    [InlineData(TrainingPrecision.FullFp16, false)]
    public void A_run_in_half_precision_is_reproducible_and_near_the_run_in_full_precision(TrainingPrecision precision, bool checkpointing)
    {
        var full = Train(_folder.Options());
        var options = _folder.Options("half.safetensors") with { Precision = precision, GradientCheckpointing = checkpointing };
        var half = Train(options);
        Assert.Equal(full.AverageLoss, half.AverageLoss, 0.02 * full.AverageLoss);
        Assert.Equal(File.ReadAllBytes(half.Path), Bytes(options with { Overwrite = true }));
    }

    [Fact]
    public void Base_weights_are_what_a_run_starts_from_and_a_network_goes_on_from_a_file()
    {
        var options = _folder.Options("first.safetensors") with { LearningRate = 1e-2 };
        var first = Train(options);
        var based = Train(_folder.Options("based.safetensors") with { BaseWeights = [new(first.Path)], Network = new() { TrainTextEncoder = false }, MaxTrainSteps = 1, LearningRate = 1e-4 });
        var further = Train(_folder.Options("further.safetensors") with { Network = new() { WeightsPath = first.Path, RanksFromWeights = true }, MaxTrainSteps = 1, LearningRate = 1e-4 });
        var plain = Train(_folder.Options("plain.safetensors") with { MaxTrainSteps = 1, LearningRate = 1e-4 });
        // Merged or attached, the first LoRA makes the same prediction, and not that of the model alone.
        Assert.Equal(further.AverageLoss, based.AverageLoss, 1e-4);
        Assert.True(Math.Abs(plain.AverageLoss - based.AverageLoss) > 1e-4);
    }

    [Fact]
    public void Settings_that_a_kind_of_network_has_no_place_for_are_refused()
    {
        var options = _folder.Options();
        Assert.Throws<ArgumentException>(() => Train(options with { Network = new() { Kind = NetworkKind.Dora }, MaxWeightNorm = 1 }));
        Assert.Throws<ArgumentException>(() => Train(options with { Network = new() { Kind = NetworkKind.Lokr }, LoraPlus = new() { Ratio = 4 } }));
        Assert.Empty(_folder.Entries);
    }

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, _events);

    private byte[] Bytes(TrainingOptions options) => File.ReadAllBytes(Train(options).Path);

    public void Dispose() => _folder.Dispose();
}
