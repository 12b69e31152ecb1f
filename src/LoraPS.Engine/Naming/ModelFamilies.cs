using System.Text.RegularExpressions;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Naming;

/// <summary>Tells the family of a model or LoRA from its header.</summary>
public static partial class ModelFamilies
{
    private const string CrossAttentionKey = "attn2.to_k.weight";
    private const string CrossAttentionLora = "attn2_to_k.lora_down.weight";

    /// <summary>The family, by names of modules that one family alone has, else by the width of the text encoder's hidden states.</summary>
    /// <param name="tensors">A model's tensors, in LDM or diffusers naming, or a LoRA's in sd-scripts naming.</param>
    public static ModelFamily Of(IEnumerable<TensorInfo> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return tensors.Select(Of).FirstOrDefault(family => family != ModelFamily.Unknown);
    }

    /// <summary>The family, by what a trainer wrote as <c>ss_base_model_version</c>, such as "sd_v1", "sd_v2_v" or "sdxl_base_v1-0".</summary>
    public static ModelFamily OfBaseModelVersion(string? version) => version switch
    {
        null => ModelFamily.Unknown,
        _ when version.StartsWith("sd_v1", StringComparison.Ordinal) => ModelFamily.StableDiffusion1,
        _ when version.StartsWith("sd_v2", StringComparison.Ordinal) => ModelFamily.StableDiffusion2,
        _ when version.StartsWith("sdxl", StringComparison.Ordinal) => ModelFamily.StableDiffusionXL,
        _ when version.StartsWith("sd3", StringComparison.Ordinal) => ModelFamily.StableDiffusion3,
        _ when version.StartsWith("flux", StringComparison.Ordinal) => ModelFamily.Flux,
        _ => ModelFamily.Unknown,
    };

    /// <summary>The family's name for people.</summary>
    public static string DisplayName(this ModelFamily family) => family switch
    {
        ModelFamily.StableDiffusion1 => "Stable Diffusion 1",
        ModelFamily.StableDiffusion2 => "Stable Diffusion 2",
        ModelFamily.StableDiffusionXL => "Stable Diffusion XL",
        ModelFamily.StableDiffusion3 => "Stable Diffusion 3",
        ModelFamily.Flux => "FLUX.1",
        _ => "an unknown family",
    };

    /// <summary>The family that has a module a LoRA changes; unknown for one that several have.</summary>
    /// <param name="part">The network.</param>
    /// <param name="path">The module's diffusers path.</param>
    /// <param name="inputs">How many numbers it takes.</param>
    internal static ModelFamily OfModule(ModelPart part, string path, long inputs) => part switch
    {
        ModelPart.TextEncoder2 => ModelFamily.StableDiffusionXL,
        ModelPart.UNet when XlPath().IsMatch(path) => ModelFamily.StableDiffusionXL,
        ModelPart.UNet when path.EndsWith("attn2.to_k", StringComparison.Ordinal) || path.EndsWith("attn2.to_v", StringComparison.Ordinal) => OfContextWidth(inputs),
        _ => ModelFamily.Unknown,
    };

    private static ModelFamily Of(TensorInfo tensor)
    {
        bool Has(string part) => tensor.Name.Contains(part, StringComparison.Ordinal);
        bool Ends(string part) => tensor.Name.EndsWith(part, StringComparison.Ordinal);
        return tensor.Shape switch
        {
            _ when Has("double_blocks") => ModelFamily.Flux,
            _ when Has("joint_blocks") => ModelFamily.StableDiffusion3,
            _ when Has("conditioner.embedders.") || Has("lora_te2_") => ModelFamily.StableDiffusionXL,
            [_, var width, ..] when Ends(CrossAttentionKey) || Ends(CrossAttentionLora) => OfContextWidth(width),
            _ => ModelFamily.Unknown,
        };
    }

    private static ModelFamily OfContextWidth(long width) => width switch
    {
        768 => ModelFamily.StableDiffusion1,
        1024 => ModelFamily.StableDiffusion2,
        2048 => ModelFamily.StableDiffusionXL,
        _ => ModelFamily.Unknown,
    };

    [GeneratedRegex(@"^add_embedding\.|^up_blocks\.0\.attentions\.|\.transformer_blocks\.[1-9]")]
    private static partial Regex XlPath();
}
