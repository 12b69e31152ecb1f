using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models;

/// <summary>
/// Names and shapes of the full-size networks, made on the meta device, which takes no memory. The approved lists are
/// those of sd-scripts 48d368fa and diffusers 0.32.1 at full size.
/// </summary>
public class FullSizeShapeTests
{
    [Fact]
    public void The_U_Net_has_the_tensors_of_Stable_Diffusion_1_5()
    {
        using var unet = new UNet2DConditionModel(UNetConfig.V15, META);
        AssertHas(unet, "sd15.unet", 859_520_964);
    }

    [Fact]
    public void The_VAE_has_the_tensors_of_Stable_Diffusion_1_5()
    {
        using var vae = new AutoencoderKL(VaeConfig.V15, META);
        AssertHas(vae, "sd15.vae", 83_653_863);
    }

    [Fact]
    public void The_text_encoder_has_the_tensors_of_Stable_Diffusion_1_5()
    {
        using var encoder = new ClipTextModel(ClipTextConfig.V15, META);
        AssertHas(encoder, "sd15.text_encoder", 123_060_480);
    }

    [Fact]
    public void A_single_file_holds_exactly_these_under_its_own_names()
    {
        var parts = new Dictionary<ModelPart, string[]>
        {
            [ModelPart.UNet] = Approved("sd15.unet"), [ModelPart.Vae] = Approved("sd15.vae"), [ModelPart.TextEncoder] = Approved("sd15.text_encoder"),
        };
        var mapped = Approved("sd15.checkpoint").Select(line => line.Split('\t')).ToLookup(
            fields => LdmNames.TryToDiffusers(fields[0], out var part, out _) ? part : throw new InvalidOperationException(fields[0]),
            fields => LdmNames.TryToDiffusers(fields[0], out _, out var name) ? Line(name, fields[1]) : "");
        foreach (var (part, expected) in parts)
            Assert.Equal(expected.Order(StringComparer.Ordinal), mapped[part].Order(StringComparer.Ordinal));
    }

    // The VAE's attention is a 1x1 convolution in single files and a matrix in folders.
    private static string Line(string name, string shape) =>
        name.Contains("mid_block.attentions", StringComparison.Ordinal) && name.Contains(".to_", StringComparison.Ordinal)
            ? $"{name}\t{shape.Replace(",1,1", "", StringComparison.Ordinal)}"
            : $"{name}\t{shape}";

    private static void AssertHas(nn.Module module, string list, long total)
    {
        var parameters = module.named_parameters().ToList();
        Assert.Equal(
            Approved(list),
            parameters.Select(p => $"{p.name}\t{string.Join(',', p.parameter.shape)}").Order(StringComparer.Ordinal));
        Assert.Equal(total, parameters.Sum(p => p.parameter.NumberOfElements));
    }

    private static string[] Approved(string list) =>
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Approvals", $"{list}.approved.txt"));
}
