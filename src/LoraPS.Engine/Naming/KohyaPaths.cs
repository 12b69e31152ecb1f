using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>Finds the diffusers path in a module name of sd-scripts, in which "_" stands for "." and for itself.</summary>
/// <remarks>
/// The words that paths are made of are known, so a name can be cut between them. A name with any other word has no path here.
/// Names of Stable Diffusion XL's U-Net are read in both spellings, the LDM one of sd-scripts and the diffusers one of others.
/// </remarks>
internal static partial class KohyaPaths
{
    private const string Leaf = ".weight";

    /// <summary>Cuts a name into the words of a path.</summary>
    /// <param name="module">Such as <c>lora_unet_mid_block_attentions_0_proj_in</c>.</param>
    /// <returns>Null for a name with a word that is not known.</returns>
    public static (ModelPart Part, string Path)? Find(string module) => module switch
    {
        _ when After(module, KohyaNames.UNetPrefix) is { } name => UNetPath(name) is { } path ? (ModelPart.UNet, path) : null,
        _ when After(module, KohyaNames.TextEncoderPrefix) is { } name && Cut(TextWords().Match(name)) is { } path => (ModelPart.TextEncoder, path),
        _ when After(module, KohyaNames.FirstEncoderPrefix) is { } name && Cut(TextWords().Match(name)) is { } path => (ModelPart.TextEncoder, path),
        _ when After(module, KohyaNames.SecondEncoderPrefix) is { } name && Cut(TextWords().Match(name)) is { } path => (ModelPart.TextEncoder2, path),
        _ => null,
    };

    private static string? UNetPath(string name) => Cut(UNetWords().Match(name))
        ?? (Cut(LdmWords().Match(name)) is { } ldm && LdmUNetNames.ToDiffusers(ldm + Leaf) is { } path ? path[..^Leaf.Length] : null);

    private static string? After(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static string? Cut(Match match) => match.Success ? string.Join('.', match.Groups[1].Captures.Select(word => word.Value)) : null;

    [GeneratedRegex(
        @"^(?:(down_blocks|up_blocks|mid_block|attentions|transformer_blocks|resnets|downsamplers|upsamplers|attn[12]|to_q|to_k|to_v|to_out|ff|net|proj_in|proj_out|proj|time_emb_proj|conv_shortcut|conv[12]|conv_in|conv_out|conv|time_embedding|add_embedding|linear_[12]|\d+)(?:_|$))+$")]
    private static partial Regex UNetWords();

    [GeneratedRegex(
        @"^(?:(input_blocks|output_blocks|middle_block|transformer_blocks|in_layers|out_layers|emb_layers|skip_connection|attn[12]|to_q|to_k|to_v|to_out|ff|net|proj_in|proj_out|proj|op|conv|time_embed|label_emb|out|\d+)(?:_|$))+$")]
    private static partial Regex LdmWords();

    [GeneratedRegex(@"^(?:(text_model|text_projection|encoder|layers|self_attn|q_proj|k_proj|v_proj|out_proj|mlp|fc[12]|\d+)(?:_|$))+$")]
    private static partial Regex TextWords();
}
