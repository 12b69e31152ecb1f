using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>Merges LoRA files into a model in memory: W' = W + multiplier · alpha / r · up · down.</summary>
/// <remarks>As sd-scripts train_network.py@48d368fa does with base weights: in float32, rounded once to the type the model is held in.</remarks>
public static class BaseWeightsMerger
{
    private const int Shown = 3;

    /// <summary>Merges one file.</summary>
    /// <param name="unet">The U-Net.</param>
    /// <param name="textEncoder">The text encoder.</param>
    /// <param name="weights">The file and its strength.</param>
    /// <param name="events">Warned of modules the model has no layer for.</param>
    /// <returns>How many layers were changed.</returns>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA of low-rank factors.</exception>
    /// <exception cref="LoraNotFiniteException">A module holds NaN or infinite numbers.</exception>
    /// <exception cref="LoraTargetsNoneException">None of its modules belongs to a layer of this model.</exception>
    public static int Merge(UNet2DConditionModel unet, ClipTextModel textEncoder, BaseWeights weights, IProgress<EngineEvent>? events = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using var file = LoraFile.Open(weights.Path);
        var layers = LoraTargets.AllLayers(unet, textEncoder);
        var (fitting, strangers) = Split(LoraModuleInfo.ReadAll(file, strict: true), layers);
        if (fitting.Count == 0)
            throw new LoraTargetsNoneException($"{weights.Path} changes no layer of this model. Give a LoRA that was made for a model of this family.");
        if (strangers.Count > 0)
            events?.Report(new WarningEvent("BaseWeightsUnmatched", $"{strangers.Count} modules of {weights.Path} belong to no layer of this model and are not merged: {string.Join(", ", strangers.Take(Shown))}{(strangers.Count > Shown ? ", …" : "")}.", weights.Path));
        foreach (var module in fitting)
            Add(layers[module.Name], file, module, weights.Multiplier);
        return fitting.Count;
    }

    private static (IReadOnlyList<LoraModuleInfo> Fitting, IReadOnlyList<string> Strangers) Split(
        IReadOnlyList<LoraModuleInfo> modules, IReadOnlyDictionary<string, ProjectionLayer> layers)
    {
        var byFit = modules.ToLookup(module => layers.TryGetValue(module.Name, out var layer) && LoraMath.Fits(module.Up.Shape, module.Down.Shape, layer.Weight.shape));
        return ([.. byFit[true]], [.. byFit[false].Select(module => module.Name)]);
    }

    private static void Add(ProjectionLayer layer, SafetensorsFile file, LoraModuleInfo module, double multiplier)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var weight = layer.Weight;
        var (up, down) = (file.Read(module.Up.Name), file.Read(module.Down.Name));
        if (!double.IsFinite(module.Alpha) || !Finite.All(up) || !Finite.All(down))
            throw new LoraNotFiniteException(file.Path, module.Name);
        var delta = LoraMath.Delta(up, down, multiplier * LoraMath.Scale(module.Alpha, module.Rank), weight.shape);
        layer.Assign("weight", weight.to(float32).Plus(delta.to(weight.device)).to(weight.dtype).DetachFromDisposeScope());
    }
}
