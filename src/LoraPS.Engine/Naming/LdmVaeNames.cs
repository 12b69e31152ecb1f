using System.Globalization;

namespace LoraPS.Engine.Naming;

/// <summary>The VAE's part of <see cref="LdmNames"/>: names after <c>first_stage_model.</c>.</summary>
/// <remarks>LDM numbers the decoder's levels from the output inwards, diffusers in the order in which data passes them.</remarks>
internal static class LdmVaeNames
{
    private const int Levels = 4;

    /// <summary>The diffusers name, or null.</summary>
    public static string? ToDiffusers(string name) => name.Split('.') switch
    {
        ["quant_conv" or "post_quant_conv", _] => name,
        ["encoder" or "decoder", "conv_in" or "conv_out", _] => name,
        ["encoder" or "decoder", "norm_out", var leaf] => $"{Side(name)}.conv_norm_out.{leaf}",
        ["encoder" or "decoder", "mid", "block_1", .. var rest] => Resnet($"{Side(name)}.mid_block.resnets.0", rest),
        ["encoder" or "decoder", "mid", "block_2", .. var rest] => Resnet($"{Side(name)}.mid_block.resnets.1", rest),
        ["encoder" or "decoder", "mid", "attn_1", var projection, var leaf] => Attention($"{Side(name)}.mid_block.attentions.0", projection, leaf),
        ["encoder", "down", var level, "block", var block, .. var rest] when IsLevel(level) => Resnet($"encoder.down_blocks.{level}.resnets.{block}", rest),
        ["encoder", "down", var level, "downsample", "conv", var leaf] when IsLevel(level) => $"encoder.down_blocks.{level}.downsamplers.0.conv.{leaf}",
        ["decoder", "up", var level, "block", var block, .. var rest] when IsLevel(level) => Resnet($"decoder.up_blocks.{Opposite(level)}.resnets.{block}", rest),
        ["decoder", "up", var level, "upsample", "conv", var leaf] when IsLevel(level) => $"decoder.up_blocks.{Opposite(level)}.upsamplers.0.conv.{leaf}",
        _ => null,
    };

    private static string? Resnet(string path, string[] inner) => inner switch
    {
        ["nin_shortcut", var leaf] => $"{path}.conv_shortcut.{leaf}",
        ["norm1" or "norm2" or "conv1" or "conv2", _] => $"{path}.{string.Join('.', inner)}",
        _ => null,
    };

    private static string? Attention(string path, string projection, string leaf) => projection switch
    {
        "norm" => $"{path}.group_norm.{leaf}",
        "q" or "k" or "v" => $"{path}.to_{projection}.{leaf}",
        "proj_out" => $"{path}.to_out.0.{leaf}",
        _ => null,
    };

    private static string Side(string name) => name[..name.IndexOf('.', StringComparison.Ordinal)];

    private static bool IsLevel(string text) => text is [>= '0' and < (char)('0' + Levels)];

    private static string Opposite(string level) => (Levels - 1 - int.Parse(level, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture);
}
