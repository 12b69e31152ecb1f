using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Parameters that share a learning rate.</summary>
/// <param name="Name">What they belong to: "textencoder", "unet".</param>
/// <param name="LearningRate">Their learning rate.</param>
/// <param name="Parameters">The parameters, float32, requiring gradients.</param>
public sealed record ParameterGroup(string Name, double LearningRate, IReadOnlyList<Tensor> Parameters);
