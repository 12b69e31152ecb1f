using LoraPS.Engine.Models.Layers;

namespace LoraPS.Engine.Models.Vae;

/// <summary>Sizes of an image autoencoder. The defaults are those of Stable Diffusion 1 and 2.</summary>
/// <remarks>Follows vae/config.json of stable-diffusion-v1-5.</remarks>
public sealed record VaeConfig
{
    /// <summary>The autoencoder of Stable Diffusion 1.5.</summary>
    public static VaeConfig V15 { get; } = new();

    /// <value>Channels of a picture; default 3.</value>
    public int ImageChannels { get; init; } = 3;

    /// <value>Channels of the latents; default 4.</value>
    public int LatentChannels { get; init; } = 4;

    /// <value>Channels of each resolution, finest first; each but the last halves the sides.</value>
    public IReadOnlyList<int> Channels { get; init; } = [128, 256, 512, 512];

    /// <value>Resnets a level in the encoder; one more in the decoder. Default 2.</value>
    public int LayersPerBlock { get; init; } = 2;

    /// <value>Group norm everywhere; default 32 groups, 1e-6.</value>
    public NormOptions Norm { get; init; } = new(Epsilon: 1e-6);

    /// <value>Latents times this have a variance near 1, which the U-Net expects; default 0.18215.</value>
    public double ScalingFactor { get; init; } = 0.18215;

    /// <value>Pixels of a picture a side of one latent pixel: 8 with four resolutions.</value>
    public int Downscale => 1 << (Channels.Count - 1);
}
