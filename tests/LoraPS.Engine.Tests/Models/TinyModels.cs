using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Models.UNet;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models;

/// <summary>The small models whose outputs the reference computed.</summary>
internal static class TinyModels
{
    /// <summary>Shaped like Stable Diffusion 1, in one file.</summary>
    public static string Sd1Checkpoint => TestFiles.Fixture("unet/sd1_checkpoint.safetensors");

    public static StableDiffusionModel Sd1(ScalarType dtype = ScalarType.Float32) => StableDiffusionModel.Load(Sd1Checkpoint, new(dtype));

    public static UNet2DConditionModel Sd2UNet() => Fill(
        new UNet2DConditionModel(
            new UNetConfig { Levels = [new(32, 1, 1), new(32, 2, 1), new(32, 4, 1), new(32, 8, 0)], CrossAttentionDim = 32, UseLinearProjection = true },
            META),
        "unet/sd2_unet.safetensors");

    public static ClipTextModel ClipL() => Clip(new ClipTextConfig { Layers = 12, IntermediateSize = 64 }, "clip/clip_l.safetensors");

    public static ClipTextModel ClipH() => Clip(
        new ClipTextConfig { Layers = 4, IntermediateSize = 128, Activation = ClipActivation.Gelu }, "clip/clip_h.safetensors");

    private static ClipTextModel Clip(ClipTextConfig config, string fixture) =>
        Fill(new ClipTextModel(config with { HiddenSize = 32, Heads = 4, VocabularySize = 64 }, META), fixture);

    private static T Fill<T>(T module, string fixture)
        where T : nn.Module
    {
        using var file = SafetensorsFile.Open(TestFiles.Fixture(fixture));
        StateDictLoader.Load(module, file);
        return module;
    }
}
