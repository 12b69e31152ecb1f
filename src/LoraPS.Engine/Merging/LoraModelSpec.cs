using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>The model spec of a LoRA that is made from others.</summary>
/// <remarks>Values of sd-scripts library/sai_model_spec.py@48d368fa. No date, so that equal runs write equal bytes.</remarks>
internal static class LoraModelSpec
{
    private const string StabilityImplementation = "https://github.com/Stability-AI/generative-models";

    /// <summary>The spec, or null for a family it has no words for. An unknown family counts as Stable Diffusion 1, as in sd-scripts.</summary>
    /// <param name="family">Which models the LoRA is for.</param>
    /// <param name="baseModelVersion">The trainer's word for the model, or null; "_v" at its end means v-prediction.</param>
    /// <param name="path">Where the LoRA goes; its title is the file's name.</param>
    /// <param name="mergedFrom">Titles of the files it was made from, or null.</param>
    public static ModelSpec? For(ModelFamily family, string? baseModelVersion, string path, IReadOnlyList<string>? mergedFrom)
    {
        var spec = new ModelSpec { Title = Path.GetFileNameWithoutExtension(path), MergedFrom = mergedFrom };
        return family switch
        {
            ModelFamily.StableDiffusion1 or ModelFamily.Unknown => spec,
            ModelFamily.StableDiffusion2 when baseModelVersion?.EndsWith("_v", StringComparison.Ordinal) == true =>
                spec with { Architecture = "stable-diffusion-v2-768-v/lora", Resolution = (768, 768), PredictionType = "v" },
            ModelFamily.StableDiffusion2 => spec with { Architecture = "stable-diffusion-v2-512/lora" },
            ModelFamily.StableDiffusionXL => spec with
            {
                Architecture = "stable-diffusion-xl-v1-base/lora", Implementation = StabilityImplementation, Resolution = (1024, 1024),
            },
            _ => null,
        };
    }
}
