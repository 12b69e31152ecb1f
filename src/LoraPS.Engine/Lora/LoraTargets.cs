using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
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
    /// <summary>The order in which sd-scripts' own U-Net declares its modules; siblings that are not named here keep theirs.</summary>
    private static readonly string[] SiblingOrder =
        ["down_blocks", "up_blocks", "mid_block", "attentions", "resnets", "downsamplers", "upsamplers", "attn1", "ff", "attn2"];

    /// <summary>Finds the layers.</summary>
    /// <param name="unet">The U-Net.</param>
    /// <param name="textEncoder">The text encoder.</param>
    /// <param name="options">Ranks, alphas, and which models are trained.</param>
    public static IReadOnlyList<LoraTarget> Find(UNet2DConditionModel unet, ClipTextModel textEncoder, LoraOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var targets = new List<LoraTarget>();
        if (options.TrainTextEncoder)
            targets.AddRange(Layers(textEncoder, IsInText).Select(found =>
                Target(KohyaNames.ForTextEncoder(found.Path), ModelPart.TextEncoder, found.Layer, options)));
        if (options.TrainUNet)
            targets.AddRange(Layers(unet, module => IsInUNet(module, options)).Select(found =>
                Target(KohyaNames.ForUNet(found.Path), ModelPart.UNet, found.Layer, options)));
        return targets;
    }

    private static bool IsInText(nn.Module module) => module is ClipAttention or ClipMlp;

    private static bool IsInUNet(nn.Module module, LoraOptions options) =>
        module is Transformer2DModel || (options.ConvRank is not null && module is ResnetBlock2D or Downsample2D or Upsample2D);

    private static LoraTarget Target(string name, ModelPart part, ProjectionLayer layer, LoraOptions options)
    {
        var (rank, alpha) = layer is Conv2d { KernelSize: > 1 }
            ? (options.ConvRank!.Value, options.ConvAlpha)
            : (options.Rank, options.Alpha);
        return new(name, part, layer, rank, alpha == 0 ? rank : alpha);
    }

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
