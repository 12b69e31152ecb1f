namespace LoraPS.Engine.Data;

/// <summary>When in the training a caption is drawn.</summary>
/// <param name="Epoch">Epoch number, the first one is 1.</param>
/// <param name="Step">Optimizer steps done before.</param>
/// <param name="MaxTrainSteps">Optimizer steps of the whole training; a share given as warm-up is taken of it.</param>
public readonly record struct CaptionMoment(int Epoch, int Step = 0, int MaxTrainSteps = 0);
