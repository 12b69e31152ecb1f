namespace LoraPS.Engine.Naming;

/// <summary>Names of LoRA modules as sd-scripts writes them: a prefix and the module's path with "_" for ".".</summary>
/// <remarks>
/// The way back cannot be computed, as "_" is in paths too: make the names of all modules of a model and look the LoRA's up
/// among them. Follows sd-scripts 48d368fa, networks/lora.py. Of Stable Diffusion 1 and 2 the path is the diffusers one, of
/// Stable Diffusion XL's U-Net the LDM one.
/// </remarks>
public static class KohyaNames
{
    /// <summary>What modules of the U-Net start with.</summary>
    public const string UNetPrefix = "lora_unet_";

    /// <summary>What modules of the text encoder start with.</summary>
    public const string TextEncoderPrefix = "lora_te_";

    /// <summary>What modules of the first text encoder of Stable Diffusion XL start with.</summary>
    public const string FirstEncoderPrefix = "lora_te1_";

    /// <summary>What modules of its second text encoder start with.</summary>
    public const string SecondEncoderPrefix = "lora_te2_";

    /// <summary>End of the key of a module's A factor.</summary>
    public const string DownSuffix = ".lora_down.weight";

    /// <summary>End of the key of a module's B factor.</summary>
    public const string UpSuffix = ".lora_up.weight";

    /// <summary>End of the key of a module's alpha.</summary>
    public const string AlphaSuffix = ".alpha";

    private const string WeightSuffix = ".weight";

    /// <summary>Name for a module of the U-Net.</summary>
    /// <param name="diffusersModulePath">Such as <c>mid_block.attentions.0.proj_in</c>.</param>
    public static string ForUNet(string diffusersModulePath) => UNetPrefix + Flatten(diffusersModulePath);

    /// <summary>Name for a module of the text encoder.</summary>
    /// <param name="path">Such as <c>text_model.encoder.layers.0.mlp.fc1</c>.</param>
    public static string ForTextEncoder(string path) => TextEncoderPrefix + Flatten(path);

    /// <summary>Name for a module; null for networks that have no LoRA, and for modules the model does not have.</summary>
    /// <param name="part">The network.</param>
    /// <param name="path">Its diffusers path, such as <c>mid_block.attentions.0.proj_in</c>.</param>
    /// <param name="isXl">Whether the model is Stable Diffusion XL.</param>
    public static string? ForModule(ModelPart part, string path, bool isXl) => (part, isXl) switch
    {
        (ModelPart.UNet, false) => ForUNet(path),
        (ModelPart.UNet, true) => XlUNetNames.ToLdm(path) is { } ldm ? ForUNet(ldm) : null,
        (ModelPart.TextEncoder, false) => ForTextEncoder(path),
        (ModelPart.TextEncoder, true) => FirstEncoderPrefix + Flatten(path),
        (ModelPart.TextEncoder2, true) => SecondEncoderPrefix + Flatten(path),
        _ => null,
    };

    /// <summary>Name of the module whose weight a tensor is; null for biases, and for networks that have no LoRA.</summary>
    /// <param name="part">The network.</param>
    /// <param name="diffusersKey">The tensor's name in that network's own file, such as <c>mid_block.attentions.0.proj_in.weight</c>.</param>
    /// <param name="isXl">Whether the model is Stable Diffusion XL.</param>
    public static string? ForTensor(ModelPart part, string diffusersKey, bool isXl)
    {
        ArgumentNullException.ThrowIfNull(diffusersKey);
        return diffusersKey.EndsWith(WeightSuffix, StringComparison.Ordinal) ? ForModule(part, diffusersKey[..^WeightSuffix.Length], isXl) : null;
    }

    /// <summary>The name that sd-scripts has for a module, which others may spell as diffusers does.</summary>
    /// <param name="module">A module's name; one that is not known is given back.</param>
    /// <param name="isXl">Whether the model is Stable Diffusion XL; other models have one spelling.</param>
    public static string Canonical(string module, bool isXl) => isXl && KohyaPaths.Find(module) is var (part, path) ? ForModule(part, path, isXl) ?? module : module;

    /// <summary>True for modules that sd-scripts' networks adapt: attentions and MLPs, and with convolutions the residual blocks and samplers too.</summary>
    /// <remarks>LierLa and C3Lier of networks/lora.py@48d368fa, told by names where there is no model to walk.</remarks>
    /// <param name="module">Name such as <c>lora_unet_down_blocks_0_resnets_0_conv1</c> or <c>lora_unet_input_blocks_1_0_in_layers_2</c>.</param>
    /// <param name="convolutions">C3Lier instead of LierLa.</param>
    public static bool IsAdapted(string module, bool convolutions)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (KohyaPaths.Find(module) is not var (part, path))
            return false;
        bool Has(string word) => path.Contains(word, StringComparison.Ordinal);
        return part == ModelPart.UNet
            ? Has(".attentions.") || (convolutions && (Has(".resnets.") || Has(".downsamplers.") || Has(".upsamplers.")))
            : Has(".self_attn.") || Has(".mlp.");
    }

    private static string Flatten(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Replace('.', '_');
    }
}
