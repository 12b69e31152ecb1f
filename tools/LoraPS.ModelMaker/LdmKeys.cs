using System.Globalization;
using LoraPS.Engine.Naming;

namespace LoraPS.ModelMaker;

/// <summary>Names of a model's tensors in a single file: the way back of <see cref="LdmNames"/>.</summary>
public static class LdmKeys
{
    private const int Places = 3;
    private const int VaeLevels = 4;

    /// <summary>The key of a tensor.</summary>
    /// <param name="part">The network it belongs to.</param>
    /// <param name="name">What diffusers calls it there.</param>
    /// <exception cref="ArgumentException">Single files have no such tensor.</exception>
    public static string For(ModelPart part, string name) => part switch
    {
        ModelPart.UNet => $"model.diffusion_model.{UNet(name.Split('.'))}",
        ModelPart.Vae => $"first_stage_model.{Vae(name.Split('.'))}",
        _ => $"cond_stage_model.transformer.{name}",
    };

    private static string UNet(string[] name) => name switch
    {
        ["time_embedding", "linear_1", var leaf] => $"time_embed.0.{leaf}",
        ["time_embedding", "linear_2", var leaf] => $"time_embed.2.{leaf}",
        ["conv_in", var leaf] => $"input_blocks.0.0.{leaf}",
        ["conv_norm_out", var leaf] => $"out.0.{leaf}",
        ["conv_out", var leaf] => $"out.2.{leaf}",
        ["mid_block", "attentions", "0", .. var rest] => $"middle_block.1.{string.Join('.', rest)}",
        ["mid_block", "resnets", var i, .. var rest] => $"middle_block.{2 * Number(i)}.{Resnet(rest)}",
        ["down_blocks", var level, "downsamplers", "0", "conv", var leaf] => $"input_blocks.{Places * (Number(level) + 1)}.0.op.{leaf}",
        ["down_blocks", var level, var kind, var i, .. var rest] => $"input_blocks.{(Places * Number(level)) + Number(i) + 1}.{Member(kind, rest)}",
        // A level without attention has its upsampler in attention's place: the coarsest one.
        ["up_blocks", var level, "upsamplers", "0", "conv", var leaf] =>
            $"output_blocks.{(Places * Number(level)) + Places - 1}.{(level == "0" ? 1 : 2)}.conv.{leaf}",
        ["up_blocks", var level, var kind, var i, .. var rest] => $"output_blocks.{(Places * Number(level)) + Number(i)}.{Member(kind, rest)}",
        _ => throw Unknown(name),
    };

    private static string Member(string kind, string[] rest) =>
        kind == "resnets" ? $"0.{Resnet(rest)}" : $"1.{string.Join('.', rest)}";

    private static string Resnet(string[] name) => name switch
    {
        ["norm1", var leaf] => $"in_layers.0.{leaf}",
        ["conv1", var leaf] => $"in_layers.2.{leaf}",
        ["time_emb_proj", var leaf] => $"emb_layers.1.{leaf}",
        ["norm2", var leaf] => $"out_layers.0.{leaf}",
        ["conv2", var leaf] => $"out_layers.3.{leaf}",
        ["conv_shortcut", var leaf] => $"skip_connection.{leaf}",
        _ => throw Unknown(name),
    };

    private static string Vae(string[] name) => name switch
    {
        [var side, "conv_norm_out", var leaf] => $"{side}.norm_out.{leaf}",
        [var side, "mid_block", "attentions", "0", .. var rest] => $"{side}.mid.attn_1.{VaeAttention(rest)}",
        [var side, "mid_block", "resnets", var i, .. var rest] => $"{side}.mid.block_{Number(i) + 1}.{VaeResnet(rest)}",
        ["encoder", "down_blocks", var level, "resnets", var i, .. var rest] => $"encoder.down.{level}.block.{i}.{VaeResnet(rest)}",
        ["encoder", "down_blocks", var level, "downsamplers", "0", .. var rest] => $"encoder.down.{level}.downsample.{string.Join('.', rest)}",
        ["decoder", "up_blocks", var level, "resnets", var i, .. var rest] => $"decoder.up.{VaeLevels - 1 - Number(level)}.block.{i}.{VaeResnet(rest)}",
        ["decoder", "up_blocks", var level, "upsamplers", "0", .. var rest] => $"decoder.up.{VaeLevels - 1 - Number(level)}.upsample.{string.Join('.', rest)}",
        _ => string.Join('.', name),
    };

    private static string VaeResnet(string[] name) => name switch
    {
        ["conv_shortcut", var leaf] => $"nin_shortcut.{leaf}",
        _ => string.Join('.', name),
    };

    private static string VaeAttention(string[] name) => name switch
    {
        ["group_norm", var leaf] => $"norm.{leaf}",
        ["to_out", "0", var leaf] => $"proj_out.{leaf}",
        [var projection, var leaf] => $"{projection["to_".Length..]}.{leaf}",
        _ => throw Unknown(name),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static ArgumentException Unknown(string[] name) => new($"A single file has no place for {string.Join('.', name)}.");
}
