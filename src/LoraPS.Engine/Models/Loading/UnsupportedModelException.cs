using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Loading;

/// <summary>What lies at a path is something else than a Stable Diffusion 1 model.</summary>
/// <param name="path">The file or folder.</param>
/// <param name="found">What it is, as a noun phrase: "a LoRA file".</param>
public sealed class UnsupportedModelException(string path, string found)
    : EngineException(
        "ModelUnsupported",
        $"{path} is {found}. Expected a Stable Diffusion 1 model: a diffusers folder, or a single .safetensors checkpoint with U-Net, VAE and text encoder.",
        path)
{
    /// <summary>What lies there, as a noun phrase.</summary>
    public string Found { get; } = found;
}
