using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;
using static TorchSharp.torch;

namespace LoraPS.Reliability.Numbers;

/// <summary>Weights, starting points and steps of a training that are not finite.</summary>
internal static class BrokenTrainings
{
    private const string UNet = "unet/diffusion_pytorch_model.safetensors";
    private const string Vae = "vae/diffusion_pytorch_model.safetensors";
    private const string Text = "text_encoder/model.safetensors";

    /// <summary>Tries all places.</summary>
    public static void Run(Counts counts)
    {
        Row(counts, "a weight of the U-Net", "conv_out.bias", folder => folder.ChangeModel(UNet, Spoil("conv_out.bias")), options => options);
        Row(counts, "a weight of the VAE", "latents of", folder => folder.ChangeModel(Vae, Spoil("encoder.conv_in.bias")), options => options);
        Row(counts, "a weight of the text encoder", "final_layer_norm.bias", folder => folder.ChangeModel(Text, Spoil("text_model.final_layer_norm.bias")), options => options);
        Row(counts, "the LoRA it begins with", "lora_up.weight", SpoiltLora, options => options with { Network = new() { WeightsPath = LoraOf(options) } });
        Row(counts, "a LoRA merged into the model", "lora_unet", SpoiltLora, options => options with { BaseWeights = [new(LoraOf(options))] });
        Row(counts, "the trained weights, of a state", "1 of", SpoiltState, options => options with { MaxTrainSteps = 4, ResumePath = StateOf(options), Overwrite = true });
        Row(counts, "what too large weights make of it", "caption of", _ => { }, options => options with { LearningRate = 1e30 });
        Row(counts, "float16 files of larger numbers", "lora_up.weight", _ => { }, options => options with { LearningRate = 1e7, MaxTrainSteps = 1, SaveDType = SafetensorsDType.F16 });
        Skipping(counts);
        Scaling(counts);
    }

    private static void Row(Counts counts, string what, string named, Action<TrainingFolder> spoil, Func<TrainingOptions, TrainingOptions> change)
    {
        using var folder = new TrainingFolder();
        var (found, failures) = (new Dictionary<string, int>(), new List<string>());
        spoil(folder);
        NumberTrials.MustRefuse(() => LoraTrainer.Train(folder.Model, folder.Dataset(), change(folder.Options())), named, found, failures);
        if (folder.Entries.Contains("cat.safetensors"))
            failures.Add("a LoRA was written");
        NumberTrials.Add(counts, "Training", what, 1, found, failures);
    }

    /// <summary>With Skip the run goes on: its other steps train, and what it saves is finite.</summary>
    private static void Skipping(Counts counts)
    {
        using var folder = new TrainingFolder();
        folder.ChangeModel(UNet, Spoil("conv_out.bias"));
        var events = new Events();
        var failures = new List<string>();
        LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options() with { NonFinite = NonFinitePolicy.Skip }, events);
        if (events.All.OfType<WarningEvent>().Count(warning => warning.Id == "LossNotFinite" && warning.Message.Contains("conv_out.bias", StringComparison.Ordinal)) != 5)
            failures.Add("not each of the 5 steps was told");
        ThrowIfNotFinite(folder["cat.safetensors"], failures);
        NumberTrials.Add(counts, "Training", "5 steps that are skipped", 1, new() { ["LossNotFinite (warnings)"] = 5 }, failures);
    }

    /// <summary>A scale at which every gradient overflows is halved until none does, and the run goes on.</summary>
    private static void Scaling(Counts counts)
    {
        using var folder = new TrainingFolder();
        // Predictions so large that their gradients are too, at the scale that a training begins with.
        folder.ChangeModel(UNet, tensors => tensors["conv_out.weight"] = tensors["conv_out.weight"] * 300);
        var (events, failures) = (new Events(), new List<string>());
        LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options() with { Precision = TrainingPrecision.MixedFp16, MaxTrainSteps = 30 }, events);
        var overflows = events.All.OfType<DetailEvent>().Count(detail => detail.Message.Contains("overflowed", StringComparison.Ordinal));
        if (overflows is 0 or 30)
            failures.Add($"{overflows} steps overflowed");
        ThrowIfNotFinite(folder["cat.safetensors"], failures);
        NumberTrials.Add(counts, "Training", "30 steps in float16", 1, new() { ["overflows left out"] = overflows }, failures);
    }

    private static void ThrowIfNotFinite(string path, List<string> failures)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        failures.AddRange(file.Tensors.Where(info => !file.Read(info.Name).isfinite().all().item<bool>()).Select(info => $"{info.Name} was saved with NaN"));
    }

    private static Action<Dictionary<string, Tensor>> Spoil(string name) => tensors => tensors[name][0] = tensor(float.NaN);

    private static string LoraOf(TrainingOptions options) => Path.Combine(Path.GetDirectoryName(options.DestinationPath)!, "broken.safetensors");

    private static void SpoiltLora(TrainingFolder folder)
    {
        using var scope = NewDisposeScope();
        LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options("whole.safetensors") with { MaxTrainSteps = 1 });
        using var file = SafetensorsFile.Open(folder["whole.safetensors"]);
        var tensors = file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name).clone());
        tensors.First(pair => pair.Key.StartsWith("lora_unet", StringComparison.Ordinal) && pair.Key.EndsWith("lora_up.weight", StringComparison.Ordinal)).Value.flatten()[0] = tensor(float.NaN);
        SafetensorsWriter.Write(folder["broken.safetensors"], tensors, file.Metadata);
    }

    private static string StateOf(TrainingOptions options) => Path.Combine(Path.GetDirectoryName(options.DestinationPath)!, "cat.state.safetensors");

    private static void SpoiltState(TrainingFolder folder)
    {
        using var scope = NewDisposeScope();
        LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options() with { MaxTrainSteps = 2, SaveStateOnTrainEnd = true });
        File.Delete(folder["cat.safetensors"]);
        Dictionary<string, Tensor> tensors;
        IReadOnlyDictionary<string, string> metadata;
        using (var file = SafetensorsFile.Open(folder["cat.state.safetensors"]))
            (tensors, metadata) = (file.Tensors.ToDictionary(info => info.Name, info => file.Read(info.Name).clone()), file.Metadata);
        tensors.First(pair => pair.Key.EndsWith("lora_up.weight", StringComparison.Ordinal)).Value.flatten()[0] = tensor(float.NaN);
        SafetensorsWriter.Write(folder["cat.state.safetensors"], tensors, metadata);
    }

    private sealed class Events : IProgress<EngineEvent>
    {
        public List<EngineEvent> All { get; } = [];

        public void Report(EngineEvent value) => All.Add(value);
    }
}
