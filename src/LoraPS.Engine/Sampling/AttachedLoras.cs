using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>LoRA files at work in a model, without a change to its weights. Dispose takes them off again.</summary>
public sealed class AttachedLoras : IDisposable
{
    private readonly Dictionary<ProjectionLayer, LoraTerms> _terms = [];
    private readonly Dictionary<string, ProjectionLayer> _layers;

    private AttachedLoras(StableDiffusionModel model) => _layers = Layers(model.UNet, KohyaNames.ForUNet)
        .Concat(Layers(model.TextEncoder, KohyaNames.ForTextEncoder))
        .ToDictionary();

    /// <summary>Puts LoRAs on a model whose layers have no adapters.</summary>
    /// <param name="model">The model; not owned.</param>
    /// <param name="sources">Files in sd-scripts naming, their ratios and block weights.</param>
    /// <exception cref="LoraMergeException">A module fits no layer of the model, or holds NaN.</exception>
    /// <exception cref="EngineException">A file cannot be read, or is no LoRA.</exception>
    public static AttachedLoras Attach(StableDiffusionModel model, IReadOnlyList<LoraSource> sources)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sources);
        var attached = new AttachedLoras(model);
        try
        {
            foreach (var source in sources)
                attached.Add(source);
            foreach (var (layer, terms) in attached._terms)
                layer.Adapter = terms;
            return attached;
        }
        catch
        {
            attached.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var terms in _terms.Values)
            terms.Dispose();
    }

    private void Add(LoraSource source)
    {
        using var reader = LoraReader.Open(source.Path);
        foreach (var module in reader.Modules)
        {
            var layer = _layers.GetValueOrDefault(module.Name);
            if (layer is null || !LoraMath.Fits(module.Up.Shape, module.Down.Shape, layer.Weight.shape))
                throw Misfit(reader, module, layer);
            if (source.WeightOf(module.Name) is var weight and not 0)
                Add(reader, module, layer, weight);
        }
    }

    private void Add(LoraReader reader, LoraModuleInfo module, ProjectionLayer layer, double weight)
    {
        using var scope = NewDisposeScope();
        var (up, down) = reader.ReadFactors(module);
        if (!_terms.TryGetValue(layer, out var terms))
            _terms.Add(layer, terms = new LoraTerms(layer));
        terms.Add(up, down, weight * LoraMath.Scale(module.Alpha, module.Rank));
    }

    private static LoraMergeException Misfit(LoraReader reader, LoraModuleInfo module, ProjectionLayer? layer) => new(
        "LoraModelMismatch",
        $"{reader.Path}: {module.Name} changes a weight of [{string.Join(", ", module.WeightShape)}], "
        + (layer is null ? "and the model has no such layer" : $"and the model's is [{string.Join(", ", layer.Weight.shape)}]")
        + ". The LoRA is for another model.",
        reader.Path);

    private static IEnumerable<KeyValuePair<string, ProjectionLayer>> Layers(nn.Module model, Func<string, string> name) =>
        model.named_modules().Where(found => found.module is ProjectionLayer).Select(found => KeyValuePair.Create(name(found.name), (ProjectionLayer)found.module));
}
