using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>A tensor that is trained.</summary>
/// <param name="Name">Its key in LoRA files.</param>
/// <param name="Value">The tensor, float32, requiring gradients.</param>
/// <param name="LearningRate">Its learning rate before any schedule; 0 leaves it alone.</param>
public sealed record TrainedParameter(string Name, Tensor Value, double LearningRate);
