using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Training;

/// <summary>What a training step is computed with.</summary>
/// <param name="Sampler">Draws latents, noise and timesteps.</param>
/// <param name="Text">Encodes captions.</param>
/// <param name="Network">What is trained.</param>
/// <param name="Trainer">The arithmetic.</param>
internal sealed record TrainingParts(DenoisingSampler Sampler, TextConditioner Text, LoraNetwork Network, NetworkTrainer Trainer);
