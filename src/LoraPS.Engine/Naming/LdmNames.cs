using System.Diagnostics.CodeAnalysis;

namespace LoraPS.Engine.Naming;

/// <summary>Tensor names of single-file Stable Diffusion 1 and XL checkpoints, and what diffusers calls the same tensors.</summary>
/// <remarks>
/// Names only. One shape differs: the VAE's mid-block attention is a 1×1 convolution [c, c, 1, 1] in single files and a
/// matrix [c, c] in diffusers folders. Agrees with sd-scripts 48d368fa, library/model_util.py, for every tensor of
/// Stable Diffusion 1.5. Of the second text encoder of Stable Diffusion XL three kinds of tensors have no equal: <see cref="OpenClipNames"/>.
/// </remarks>
public static class LdmNames
{
    private const string UNetPrefix = "model.diffusion_model.";
    private const string VaePrefix = "first_stage_model.";
    private const string TextPrefix = "cond_stage_model.transformer.";
    private const string FirstEncoderPrefix = "conditioner.embedders.0.transformer.";
    private const string SecondEncoderPrefix = "conditioner.embedders.1.model.";
    private const string TextRoot = "text_model.";

    private static readonly string[] TextModules = ["embeddings.token_embedding.", "embeddings.position_embedding.", "encoder.layers.", "final_layer_norm."];

    private static readonly HashSet<string> ScheduleBuffers = new(StringComparer.Ordinal)
    {
        "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod", "posterior_variance",
        "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2", "logvar",
    };

    /// <summary>Translates a name.</summary>
    /// <param name="ldmKey">Name in the single file; the text encoder's with or without <c>text_model.</c>.</param>
    /// <param name="part">The network the tensor belongs to.</param>
    /// <param name="diffusersKey">Its name in that network's own file of a diffusers folder.</param>
    /// <returns>False for a name that no network has.</returns>
    public static bool TryToDiffusers(string ldmKey, out ModelPart part, [NotNullWhen(true)] out string? diffusersKey)
    {
        ArgumentNullException.ThrowIfNull(ldmKey);
        (part, diffusersKey) = ldmKey switch
        {
            _ when After(ldmKey, UNetPrefix) is { } name => (ModelPart.UNet, LdmUNetNames.ToDiffusers(name)),
            _ when After(ldmKey, VaePrefix) is { } name => (ModelPart.Vae, LdmVaeNames.ToDiffusers(name)),
            _ when After(ldmKey, TextPrefix) is { } name => (ModelPart.TextEncoder, TextToDiffusers(name)),
            _ when After(ldmKey, FirstEncoderPrefix) is { } name => (ModelPart.TextEncoder, TextToDiffusers(name)),
            _ when After(ldmKey, SecondEncoderPrefix) is { } name => (ModelPart.TextEncoder2, OpenClipNames.ToDiffusers(name)),
            _ => default((ModelPart, string?)),
        };
        return diffusersKey is not null;
    }

    /// <summary>True for tensors that single files carry and no network has: schedule buffers, remains of averaged weights, position ids.</summary>
    /// <remarks>Loading leaves them out, merging keeps them.</remarks>
    public static bool IsExtra(string ldmKey)
    {
        ArgumentNullException.ThrowIfNull(ldmKey);
        return ScheduleBuffers.Contains(ldmKey)
            || ldmKey.StartsWith("model_ema.", StringComparison.Ordinal)
            || ldmKey.EndsWith(".position_ids", StringComparison.Ordinal)
            || ldmKey is "cond_stage_model.logit_scale";
    }

    private static string? TextToDiffusers(string name)
    {
        var bare = After(name, TextRoot) ?? name;
        return TextModules.Any(module => bare.StartsWith(module, StringComparison.Ordinal)) ? TextRoot + bare : null;
    }

    private static string? After(string key, string prefix) =>
        key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : null;
}
