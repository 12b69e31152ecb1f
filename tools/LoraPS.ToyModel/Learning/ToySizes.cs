using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.ToyModel.Learning;

/// <summary>Sizes of the toy model: Stable Diffusion 1, module by module, as wide as two cores can train in an hour.</summary>
public static class ToySizes
{
    private const int Groups = 8;
    private const int TextWidth = 64;

    /// <summary>The three networks.</summary>
    /// <param name="vocabulary">Number of tokens.</param>
    public static StableDiffusionConfig For(int vocabulary) => new(
        new UNetConfig
        {
            Levels = [new(64, 4, 1), new(64, 4, 1), new(48, 4, 1), new(32, 4, 0)],
            CrossAttentionDim = TextWidth,
            Norm = new NormOptions(Groups),
        },
        new VaeConfig { Channels = [16, 32, 64, 64], LayersPerBlock = 1, Norm = VaeConfig.V15.Norm with { Groups = Groups } },
        new ClipTextConfig { HiddenSize = TextWidth, IntermediateSize = 4 * TextWidth, Heads = 4, Layers = 2, VocabularySize = vocabulary });
}
