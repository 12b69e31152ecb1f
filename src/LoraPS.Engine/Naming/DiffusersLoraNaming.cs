using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>The names diffusers wrote before it used PEFT, in both generations: of the layers, and of the attention processors.</summary>
/// <remarks>
/// Follows diffusers src/diffusers/loaders/lora_conversion_utils.py@58eb52c and what its older versions wrote. Both generations
/// are read alike, U-Net names also without <c>unet.</c>; the text encoder is written in the newer form,
/// <c>text_encoder.….q_proj.lora_linear_layer.down.weight</c>.
/// </remarks>
/// <param name="format">The generation that is written.</param>
internal sealed partial class DiffusersLoraNaming(LoraFormat format) : ILoraNaming
{
    private const string Linear = ".lora_linear_layer";

    public LoraFormat Format => format;

    public LoraTensorName? Parse(string key)
    {
        var match = Key().Match(key);
        if (!match.Success)
            return null;
        var kind = match.Groups["kind"].Value == "down" ? LoraTensorKind.Down : LoraTensorKind.Up;
        var module = match.Groups["module"].Value;
        var projection = match.Groups["projection"].Value;
        if (DiffusersPrefixes.Split(module) is var (part, path))
            return projection.Length > 0 ? new(part, $"{path}.{Layer(part, projection)}", kind) : new(part, path, kind);
        return projection.Length > 0 && match.Groups["processor"].Success ? new(ModelPart.UNet, $"{module}.{Layer(ModelPart.UNet, projection)}", kind) : null;
    }

    public string? Write(LoraTensorName name)
    {
        if (name.Kind == LoraTensorKind.Alpha || DiffusersPrefixes.Of(name.Part) is not { } prefix)
            return null;
        var end = name.Kind == LoraTensorKind.Down ? ".down.weight" : ".up.weight";
        if (name.Part is ModelPart.TextEncoder or ModelPart.TextEncoder2)
            return prefix + name.Path + Linear + end;
        if (format == LoraFormat.Diffusers)
            return $"{prefix}{name.Path}.lora{end}";
        var attention = AttentionPath().Match(name.Path);
        return attention.Success ? $"{prefix}{attention.Groups[1].Value}.processor.{attention.Groups[2].Value}_lora{end}" : null;
    }

    private static string Layer(ModelPart part, string projection) => (part, projection) switch
    {
        (ModelPart.UNet, "to_out") => "to_out.0",
        (ModelPart.UNet, _) => projection,
        (_, "to_out") => "out_proj",
        _ => $"{projection["to_".Length..]}_proj",
    };

    [GeneratedRegex(@"^(?<module>.+?)(?:(?<processor>\.processor)?\.(?<projection>to_[qkv]|to_out)_lora|\.lora|\.lora_linear_layer)\.(?<kind>down|up)\.weight$")]
    private static partial Regex Key();

    [GeneratedRegex(@"^(.+\.attn[12])\.(to_[qkv]|to_out)(?:\.0)?$")]
    private static partial Regex AttentionPath();
}
