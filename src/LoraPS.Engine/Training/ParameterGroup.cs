using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Engine.Training;

/// <summary>Parameters with one learning rate.</summary>
/// <param name="Description">What they are, for a log: "textencoder", "unet", "unet_block4", and the same followed by " plus".</param>
/// <param name="LearningRate">Their learning rate, above 0.</param>
/// <param name="Parameters">The parameters.</param>
public sealed record ParameterGroup(string Description, double LearningRate, IReadOnlyList<TrainedParameter> Parameters);
