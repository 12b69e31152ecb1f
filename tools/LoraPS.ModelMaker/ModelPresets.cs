using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.ModelMaker;

/// <summary>Sizes that models can be made in.</summary>
public static class ModelPresets
{
    private static readonly Dictionary<string, StableDiffusionConfig> All = new(StringComparer.Ordinal)
    {
        ["tiny"] = Tiny,
        ["sd15"] = StableDiffusionConfig.V15,
    };

    /// <summary>The modules of Stable Diffusion 1 (three text layers of its twelve), as narrow as 32 norm groups allow.</summary>
    /// <remarks>
    /// The numbers of heads are those that are assumed for a single file, which does not tell them, so that a folder and
    /// a file of one seed are one model. The vocabulary is the smallest there can be.
    /// </remarks>
    public static StableDiffusionConfig Tiny => new(
        new UNetConfig { Levels = [new(32, 8, 1), new(32, 8, 1), new(32, 8, 1), new(32, 8, 0)], CrossAttentionDim = 64 },
        new VaeConfig { Channels = [32, 32, 32, 32] },
        new ClipTextConfig { HiddenSize = 64, IntermediateSize = 256, Heads = 4, Layers = 3, VocabularySize = TokenizerFiles.SmallestSize });

    /// <summary>The preset of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static StableDiffusionConfig Find(string name) =>
        All.GetValueOrDefault(name) ?? throw new ArgumentException($"There is no preset '{name}'; there are {string.Join(", ", All.Keys)}.");
}
