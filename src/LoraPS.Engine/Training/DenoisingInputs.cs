using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>What a training step is computed from, apart from the captions.</summary>
/// <param name="Latents">Scaled latents [B, 4, h, w], float32.</param>
/// <param name="Noise">Standard normal noise, same shape.</param>
/// <param name="Timesteps">Timestep of each latent, [B], int64.</param>
/// <param name="Weights">Weight of each picture in the loss.</param>
public sealed record DenoisingInputs(Tensor Latents, Tensor Noise, Tensor Timesteps, float[] Weights);
