using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>What a training step is computed from, apart from the captions.</summary>
/// <param name="Latents">Scaled latents [B, 4, h, w], float32.</param>
/// <param name="Noise">Noise of about unit variance, same shape: what is to be predicted.</param>
/// <param name="Timesteps">Timestep of each latent, [B], int64.</param>
/// <param name="Weights">Weight of each picture in the loss.</param>
public sealed record DenoisingInputs(Tensor Latents, Tensor Noise, Tensor Timesteps, float[] Weights)
{
    /// <summary>Noise that is added to <see cref="Noise"/> in what the U-Net sees only, same shape, or null.</summary>
    public Tensor? Perturbation { get; init; }

    /// <summary>How much each place of a picture counts, [B, H, W] of any size, 0 to 1 (0 is nothing), or null where all count the same.</summary>
    public Tensor? Mask { get; init; }
}
