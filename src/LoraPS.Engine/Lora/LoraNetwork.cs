using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>The trainable adapters of a model, in the order of a LoRA file.</summary>
/// <remarks>The network owns its factors; the layers stay the model's. Dispose detaches it.</remarks>
public sealed class LoraNetwork : IDisposable
{
    private readonly LoraDropout _dropout;

    private LoraNetwork(IReadOnlyList<LoraTarget> targets, TrainingBlocks layout, LoraOptions options, long seed)
    {
        Layout = layout;
        _dropout = new(options, seed);
        Adapters = [.. targets.Select((target, index) => AdapterFactory.Create(options, target, index, seed, _dropout))];
    }

    /// <summary>The adapters, text encoder first.</summary>
    public IReadOnlyList<NetworkAdapter> Adapters { get; }

    /// <summary>The blocks of the U-Net, as <see cref="LoraTarget.Block"/> numbers them.</summary>
    public TrainingBlocks Layout { get; }

    /// <summary>Makes a network for a model, with fresh weights that change nothing yet.</summary>
    /// <param name="unet">The U-Net.</param>
    /// <param name="textEncoder">The text encoder.</param>
    /// <param name="options">The network's shape.</param>
    /// <param name="seed">Seed of the first weights and of the dropouts.</param>
    /// <param name="events">Is told how many layers are reached.</param>
    /// <exception cref="LoraTargetsNoneException">No layer is reached.</exception>
    /// <exception cref="LoraKeysException">The network is to start with the weights of a file that holds another network.</exception>
    public static LoraNetwork Create(
        UNet2DConditionModel unet, ClipTextModel textEncoder, LoraOptions options, long seed, IProgress<EngineEvent>? events = null)
    {
        var targets = LoraTargets.Find(unet, textEncoder, options, events);
        if (targets.Count == 0)
            throw new LoraTargetsNoneException(
                "The LoRA network reaches no layer: neither the U-Net nor the text encoder is to be trained. Train at least one of them.");
        var counts = targets.CountBy(target => target.Part).Select(count => $"{count.Value} in {count.Key}");
        events?.Report(new DetailEvent($"The LoRA network reaches {targets.Count} layers: {string.Join(", ", counts)}."));
        var network = new LoraNetwork(targets, LoraTargets.Layout(unet), options, seed);
        try
        {
            network.Start(options.WeightsPath, events);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Puts the adapters on their layers.</summary>
    public void Attach()
    {
        foreach (var adapter in Adapters)
            adapter.Target.Layer.Adapter = adapter;
    }

    /// <summary>Takes the adapters off again; the model computes what it did before.</summary>
    public void Detach()
    {
        foreach (var adapter in Adapters.Where(adapter => ReferenceEquals(adapter.Target.Layer.Adapter, adapter)))
            adapter.Target.Layer.Adapter = null;
    }

    /// <summary>Names the training step whose random numbers apply.</summary>
    /// <param name="step">The step, or null outside training, where nothing is dropped.</param>
    public void SetStep(int? step)
    {
        _dropout.Step = step;
        foreach (var adapter in Adapters)
            adapter.BeginStep(step);
    }

    /// <summary>Sets the strength of all adapters on top of alpha / rank.</summary>
    /// <param name="multiplier">1 is the trained strength, 0 none.</param>
    public void SetMultiplier(double multiplier)
    {
        foreach (var adapter in Adapters)
            adapter.Multiplier = multiplier;
    }

    /// <summary>What is trained, in the order of the adapters.</summary>
    public IEnumerable<AdapterParameter> Parameters() => Adapters.SelectMany(adapter => adapter.Parameters);

    /// <summary>What a LoRA file holds: alpha and factors of every adapter.</summary>
    /// <param name="dtype">Floating-point type of all tensors.</param>
    /// <returns>Copies or views, the caller's to dispose.</returns>
    public IReadOnlyDictionary<string, Tensor> ToStateDict(SafetensorsDType dtype)
    {
        using var noGradient = no_grad();
        var type = dtype.ToScalarType();
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (var adapter in Adapters)
        {
            tensors.Add(adapter.Target.AlphaKey, tensor(adapter.Target.Alpha, type));
            foreach (var (key, value) in adapter.FileTensors())
                tensors.Add(key, value.detach().to(type));
        }

        return tensors;
    }

    /// <summary>Takes the factors of a LoRA file.</summary>
    /// <param name="file">A file with exactly this network's keys and shapes, in any floating-point type. It may hold a part of the
    /// model besides that is not trained, and lack alphas that equal the rank.</param>
    /// <param name="events">Warned of a part that is passed over.</param>
    /// <exception cref="LoraKeysException">Keys are missing, unexpected, or of another shape or alpha.</exception>
    /// <exception cref="LoraNotFiniteException">A tensor holds NaN or infinite numbers.</exception>
    public void Load(SafetensorsFile file, IProgress<EngineEvent>? events = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        LoraKeysException.ThrowIfDifferent(file, this);
        var untrained = LoraKeysException.Untrained(file, this).Count();
        if (untrained > 0)
            events?.Report(new WarningEvent("WeightsPartUnused", $"{untrained} tensors of {file.Path} belong to a part of the model that is not trained. They are not used, and the new LoRA will not hold them.", file.Path));
        foreach (var adapter in Adapters)
            adapter.Load(key => file.Read(key) is var value && Finite.All(value) ? value : throw new LoraNotFiniteException(file.Path, key));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detach();
        foreach (var adapter in Adapters)
            adapter.Dispose();
    }

    private void Start(string? weightsPath, IProgress<EngineEvent>? events)
    {
        if (weightsPath is null)
            return;
        using var file = LoraFile.Open(weightsPath);
        Load(file, events);
    }
}
