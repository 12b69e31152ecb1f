using System.Globalization;

namespace LoraPS.Engine.Naming;

/// <summary>The way back of <see cref="LdmUNetNames"/> for Stable Diffusion XL, whose LoRAs sd-scripts names after the LDM U-Net.</summary>
/// <remarks>
/// Three levels: two resnets a level going down and three coming up, attentions in the two inner levels (down 1 and 2, up 0 and
/// 1), samplers between levels. Agrees with sd-scripts 48d368fa, library/sdxl_model_util.py, for every tensor.
/// </remarks>
internal static class XlUNetNames
{
    private const int Levels = 3;
    private const int Places = 3;

    /// <summary>The LDM path of a module; null for a path the model does not have.</summary>
    /// <param name="path">The diffusers path, such as <c>down_blocks.1.attentions.0.proj_in</c>.</param>
    public static string? ToLdm(string path) => path.Split('.') switch
    {
        ["conv_in"] => "input_blocks.0.0",
        ["conv_norm_out"] => "out.0",
        ["conv_out"] => "out.2",
        ["time_embedding", var layer] => Embedding("time_embed", layer),
        ["add_embedding", var layer] => Embedding("label_emb.0", layer),
        ["down_blocks", var l, .. var inner] when Level(l) is { } level => DownBlock(level, inner),
        ["mid_block", "resnets", "0" or "1", _] and [_, _, var place, var layer] => Resnet($"middle_block.{(place == "0" ? 0 : 2)}", layer),
        ["mid_block", "attentions", "0", .. var rest] => Join("middle_block.1", rest),
        ["up_blocks", var l, .. var inner] when Level(l) is { } level => UpBlock(level, inner),
        _ => null,
    };

    private static string? DownBlock(int level, string[] inner) => inner switch
    {
        ["resnets", "0" or "1", _] and [_, var place, var layer] => Resnet($"input_blocks.{(Places * level) + Number(place) + 1}.0", layer),
        ["attentions", "0" or "1", ..] and [_, var place, .. var rest] when level > 0 => Join($"input_blocks.{(Places * level) + Number(place) + 1}.1", rest),
        ["downsamplers", "0", "conv"] when level < Levels - 1 => $"input_blocks.{(Places * level) + Places}.0.op",
        _ => null,
    };

    private static string? UpBlock(int level, string[] inner) => inner switch
    {
        ["resnets", "0" or "1" or "2", _] and [_, var place, var layer] => Resnet($"output_blocks.{(Places * level) + Number(place)}.0", layer),
        ["attentions", "0" or "1" or "2", ..] and [_, var place, .. var rest] when level < Levels - 1 => Join($"output_blocks.{(Places * level) + Number(place)}.1", rest),
        ["upsamplers", "0", "conv"] when level < Levels - 1 => $"output_blocks.{(Places * level) + Places - 1}.2.conv",
        _ => null,
    };

    private static string? Embedding(string path, string layer) => layer switch
    {
        "linear_1" => $"{path}.0",
        "linear_2" => $"{path}.2",
        _ => null,
    };

    private static string? Resnet(string path, string layer) =>
        Array.Find(LdmUNetNames.ResnetLayers, entry => entry.Diffusers == layer).Ldm is { } ldm ? $"{path}.{ldm}" : null;

    private static string? Join(string path, string[] rest) => rest.Length == 0 ? null : $"{path}.{string.Join('.', rest)}";

    private static int? Level(string text) => text is [>= '0' and < (char)('0' + Levels)] ? Number(text) : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
