using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>Finds the diffusers path in a module name of sd-scripts, in which "_" stands for "." and for itself.</summary>
/// <remarks>
/// The words that paths are made of are known, so a name can be cut between them. A name with any other word has no path
/// here: those of Stable Diffusion XL are made of other words.
/// </remarks>
internal static partial class KohyaPaths
{
    /// <summary>Cuts a name into the words of a path.</summary>
    /// <param name="module">Such as <c>lora_unet_mid_block_attentions_0_proj_in</c>.</param>
    /// <returns>Null for a name with a word that is not known.</returns>
    public static (ModelPart Part, string Path)? Find(string module) => module switch
    {
        _ when After(module, KohyaNames.UNetPrefix) is { } name && Cut(UNetWords().Match(name)) is { } path => (ModelPart.UNet, path),
        _ when After(module, KohyaNames.TextEncoderPrefix) is { } name && Cut(TextWords().Match(name)) is { } path => (ModelPart.TextEncoder, path),
        _ => null,
    };

    private static string? After(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static string? Cut(Match match) => match.Success ? string.Join('.', match.Groups[1].Captures.Select(word => word.Value)) : null;

    [GeneratedRegex(
        @"^(?:(down_blocks|up_blocks|mid_block|attentions|transformer_blocks|resnets|downsamplers|upsamplers|attn[12]|to_q|to_k|to_v|to_out|ff|net|proj_in|proj_out|proj|time_emb_proj|conv_shortcut|conv[12]|conv_in|conv_out|conv|time_embedding|linear_[12]|\d+)(?:_|$))+$")]
    private static partial Regex UNetWords();

    [GeneratedRegex(@"^(?:(text_model|encoder|layers|self_attn|q_proj|k_proj|v_proj|out_proj|mlp|fc[12]|\d+)(?:_|$))+$")]
    private static partial Regex TextWords();
}
