using System.Globalization;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>Tells which block a LoRA module lies in, from its name.</summary>
/// <remarks>
/// The rule of get_lbw_block_index in sd-scripts networks/svd_merge_lora.py@48d368fa, for the diffusers spelling of U-Net names
/// (down_blocks…) and for the LDM spelling (input_blocks…), with underscores or dots; both lead to the same blocks. Wider than
/// that rule in three places it has no block for: conv_in and the SD1 time embedding are IN00, and everything of a text encoder is BASE.
/// </remarks>
public static partial class BlockLocator
{
    /// <summary>The block of a module.</summary>
    /// <param name="moduleName">Name without the tensor's suffix, such as <c>lora_unet_down_blocks_1_attentions_0_proj_in</c>.</param>
    /// <returns>Null for a name that lies in no block.</returns>
    public static UNetBlock? Find(string moduleName)
    {
        if (TextEncoder().IsMatch(moduleName))
            return UNetBlock.BASE;
        if (InputPart().IsMatch(moduleName))
            return UNetBlock.IN00;
        if (MiddlePart().IsMatch(moduleName))
            return UNetBlock.MID;
        if (OutputPart().IsMatch(moduleName))
            return UNetBlock.OUT09;
        var ldm = LdmPlace().Match(moduleName);
        if (ldm.Success)
            return At(ldm.Groups[1].Value == "input" ? UNetBlock.IN00 : UNetBlock.OUT00, Number(ldm.Groups[2]));
        var place = DiffusersPlace().Match(moduleName);
        return place.Success ? FromDiffusers(place) : null;
    }

    // A level of the U-Net is three blocks in both directions: going down two layers and the downsampler, behind the input
    // convolution; coming up three layers, the last with the upsampler.
    private static UNetBlock? FromDiffusers(Match place)
    {
        var (isDown, level, layer) = (place.Groups[1].Value == "down", Number(place.Groups[2]), Number(place.Groups[4]));
        var inLevel = place.Groups[3].Value is "downsamplers" or "upsamplers" ? 2 : layer;
        return isDown ? At(UNetBlock.IN00, 1 + (3 * level) + inLevel) : At(UNetBlock.OUT00, (3 * level) + inLevel);
    }

    private static UNetBlock? At(UNetBlock first, int offset) => offset < 12 ? first + offset : null;

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^lora_te|^text_encoder|text_model[._]encoder[._]")]
    private static partial Regex TextEncoder();

    [GeneratedRegex(@"(^|[._])(conv_in|time_embed|time_embedding|label_emb|add_embedding)([._]|$)")]
    private static partial Regex InputPart();

    [GeneratedRegex(@"(^|[._])(mid_block|middle_block)[._]")]
    private static partial Regex MiddlePart();

    [GeneratedRegex(@"^lora_unet_out_\d")]
    private static partial Regex OutputPart();

    [GeneratedRegex(@"(input|output)_blocks[._](\d{1,2})[._]")]
    private static partial Regex LdmPlace();

    [GeneratedRegex(@"(down|up)_blocks[._](\d)[._](resnets|attentions|downsamplers|upsamplers)[._](\d)")]
    private static partial Regex DiffusersPlace();
}
