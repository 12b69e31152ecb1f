using LoraPS.Engine.Formats;
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

    private TrainingResult Train(TrainingOptions options) => LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, _events);

    private byte[] Bytes(TrainingOptions options) => File.ReadAllBytes(Train(options).Path);

    public void Dispose() => _folder.Dispose();
}
