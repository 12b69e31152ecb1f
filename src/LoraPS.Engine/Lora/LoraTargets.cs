using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>The rule that says which layers of a model a LoRA network adapts.</summary>
/// <remarks>
/// As sd-scripts networks/lora.py@48d368fa. LierLa: every linear layer and 1x1 convolution in the U-Net's transformers.
/// C3Lier, with a conv rank: the residual blocks and the up- and downsamplers too. Text encoder: every linear layer in the
/// attentions and MLPs. Text encoder first.
/// </remarks>
public static class LoraTargets
{
    private const int SdxlLevels = 3;

    /// <summary>The order in which sd-scripts' own U-Net declares its modules; siblings that are not named here keep theirs.</summary>
    private static readonly string[] SiblingOrder =
        ["down_blocks", "up_blocks", "mid_block", "attentions", "resnets", "downsamplers", "upsamplers", "attn1", "ff", "attn2"];

    /// <summary>Finds the layers.</summary>
    /// <param name="unet">The U-Net.</param>
    /// <param name="textEncoder">The text encoder.</param>
    /// <param name="options">Ranks, alphas, and which models are trained.</param>
    /// <param name="events">Warned of lists of learning rates that have another length than there are blocks.</param>
    /// <exception cref="UnrecognisedLoraException">Sizes are to come from a file that is no LoRA.</exception>
    /// <exception cref="ArgumentException">A list with a value for each block has another length.</exception>
    public static IReadOnlyList<LoraTarget> Find(
        UNet2DConditionModel unet, ClipTextModel textEncoder, LoraOptions options, IProgress<EngineEvent>? events = null)
    {
        ArgumentNullException.ThrowIfNull(unet);
        ArgumentNullException.ThrowIfNull(options);
        var layout = Layout(unet);
        IModuleSizes sizes = options is { RanksFromWeights: true, WeightsPath: { } path } ? new FileSizes(path, strict: options.Kind != NetworkKind.Dora) : new OptionSizes(options, layout, events);
        var targets = new List<LoraTarget?>();
        if (options.TrainTextEncoder)
            targets.AddRange(Layers(textEncoder, IsInText).Select(found =>
                Target(ModelPart.TextEncoder, KohyaNames.ForTextEncoder(found.Path), found.Layer, sizes)));
        if (options.TrainUNet)
            targets.AddRange(Layers(unet, module => IsInUNet(module, sizes)).Select(found =>
                Target(ModelPart.UNet, KohyaNames.ForUNet(found.Path), found.Layer, sizes)));
        return [.. targets.OfType<LoraTarget>().Select(target => target with
        {
            Block = target.Part == ModelPart.UNet ? layout.IndexOf(target.Name) : null,
            FactorType = options.FactorsInModelType ? target.Layer.Weight.dtype : ScalarType.Float32,
        })];
    }

    /// <summary>Every layer that a LoRA may change, by its name in LoRA files.</summary>
    internal static IReadOnlyDictionary<string, ProjectionLayer> AllLayers(UNet2DConditionModel unet, ClipTextModel textEncoder) =>
        Layers(textEncoder, _ => true).Select(found => (Name: KohyaNames.ForTextEncoder(found.Path), found.Layer))
            .Concat(Layers(unet, _ => true).Select(found => (Name: KohyaNames.ForUNet(found.Path), found.Layer)))
            .ToDictionary(found => found.Name, found => found.Layer);

    /// <summary>The blocks of a U-Net that settings may name.</summary>
    internal static TrainingBlocks Layout(UNet2DConditionModel unet) => unet.Config.Levels.Count == SdxlLevels ? TrainingBlocks.Sdxl : TrainingBlocks.StableDiffusion;

    private static bool IsInText(nn.Module module) => module is ClipAttention or ClipMlp;

    private static bool IsInUNet(nn.Module module, IModuleSizes sizes) =>
        module is Transformer2DModel || (sizes.ReachesResnets && module is ResnetBlock2D or Downsample2D or Upsample2D);

    private static LoraTarget? Target(ModelPart part, string name, ProjectionLayer layer, IModuleSizes sizes) =>
        sizes.Of(part, name, layer) is var (rank, alpha) ? new(name, part, layer, rank, alpha) : null;

    /// <summary>Walks the modules parents first, siblings in the reference's order.</summary>
    private static IEnumerable<(string Path, ProjectionLayer Layer)> Layers(
        nn.Module parent, Func<nn.Module, bool> isContainer, string prefix = "", bool isInside = false)
    {
        foreach (var (name, child) in parent.named_children().OrderBy(child => Array.IndexOf(SiblingOrder, child.name)))
        {
            if (isInside && child is ProjectionLayer layer)
                yield return (prefix + name, layer);
            foreach (var found in Layers(child, isContainer, $"{prefix}{name}.", isInside || isContainer(child)))
                yield return found;
        }
    }
}
