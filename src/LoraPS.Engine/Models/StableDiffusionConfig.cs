using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Models.Vae;

namespace LoraPS.Engine.Models;

/// <summary>Sizes of the three networks of a Stable Diffusion model.</summary>
/// <param name="UNet">The network that predicts noise.</param>
/// <param name="Vae">The autoencoder between pictures and latents.</param>
/// <param name="TextEncoder">The network that reads captions.</param>
public sealed record StableDiffusionConfig(UNetConfig UNet, VaeConfig Vae, ClipTextConfig TextEncoder)
{
    /// <summary>Stable Diffusion 1.5.</summary>
    public static StableDiffusionConfig V15 { get; } = new(UNetConfig.V15, VaeConfig.V15, ClipTextConfig.V15);
}
