using System.Globalization;

namespace LoraPS.Engine.Naming;

/// <summary>The U-Net's part of <see cref="LdmNames"/>: names after <c>model.diffusion_model.</c>.</summary>
/// <remarks>
/// LDM counts all blocks of a side through; diffusers counts levels, and in each level resnets, attentions and samplers.
/// With two resnets a level going down and three going up: input block 3i + j + 1 is level i, place j, and place 2 the
/// downsampler; output block 3i + j is level i, place j, and its last entry the upsampler. Stable Diffusion XL has a level less.
/// </remarks>
internal static class LdmUNetNames
{
    /// <summary>The layers of a resnet.</summary>
    public static readonly (string Ldm, string Diffusers)[] ResnetLayers =
    [
        ("in_layers.0", "norm1"), ("in_layers.2", "conv1"), ("out_layers.0", "norm2"), ("out_layers.3", "conv2"), ("emb_layers.1", "time_emb_proj"), ("skip_connection", "conv_shortcut"),
    ];

    private const int Places = 3;

    /// <summary>The diffusers name, or null.</summary>
    public static string? ToDiffusers(string name) => name.Split('.') switch
    {
        ["time_embed", "0", var leaf] => $"time_embedding.linear_1.{leaf}",
        ["time_embed", "2", var leaf] => $"time_embedding.linear_2.{leaf}",
        ["label_emb", "0", "0", var leaf] => $"add_embedding.linear_1.{leaf}",
        ["label_emb", "0", "2", var leaf] => $"add_embedding.linear_2.{leaf}",
        ["input_blocks", "0", "0", var leaf] => $"conv_in.{leaf}",
        ["input_blocks", var block, .. var rest] when Number(block) is { } n and > 0 => InputBlock((n - 1) / Places, (n - 1) % Places, rest),
        ["middle_block", "0", .. var rest] => Resnet("mid_block.resnets.0", rest),
        ["middle_block", "1", .. var rest] => Attention("mid_block.attentions.0", rest),
        ["middle_block", "2", .. var rest] => Resnet("mid_block.resnets.1", rest),
        ["output_blocks", var block, .. var rest] when Number(block) is { } n => OutputBlock(n / Places, n % Places, rest),
        ["out", "0", var leaf] => $"conv_norm_out.{leaf}",
        ["out", "2", var leaf] => $"conv_out.{leaf}",
        _ => null,
    };

    private static string? InputBlock(int level, int place, string[] inner) => inner switch
    {
        ["0", "op", var leaf] when place == Places - 1 => $"down_blocks.{level}.downsamplers.0.conv.{leaf}",
        ["0", .. var rest] when place < Places - 1 => Resnet($"down_blocks.{level}.resnets.{place}", rest),
        ["1", .. var rest] when place < Places - 1 => Attention($"down_blocks.{level}.attentions.{place}", rest),
        _ => null,
    };

    private static string? OutputBlock(int level, int place, string[] inner) => inner switch
    {
        ["0", .. var rest] => Resnet($"up_blocks.{level}.resnets.{place}", rest),
        // The upsampler comes after the attention, and in levels without attention takes its place.
        ["1" or "2", "conv", var leaf] when place == Places - 1 => $"up_blocks.{level}.upsamplers.0.conv.{leaf}",
        ["1", .. var rest] => Attention($"up_blocks.{level}.attentions.{place}", rest),
        _ => null,
    };

    private static string? Resnet(string path, string[] inner) =>
        inner is [.. var layer, var leaf] && Array.Find(ResnetLayers, entry => entry.Ldm == string.Join('.', layer)).Diffusers is { } name ? $"{path}.{name}.{leaf}" : null;

    private static string? Attention(string path, string[] inner) =>
        inner is ["norm" or "proj_in" or "proj_out" or "transformer_blocks", _, ..] ? $"{path}.{string.Join('.', inner)}" : null;

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
