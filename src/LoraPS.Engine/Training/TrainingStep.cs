using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Training;

/// <summary>What one training step did.</summary>
/// <param name="Step">Number of this step in the run, counted from 1.</param>
/// <param name="TotalSteps">Steps in the whole run.</param>
/// <param name="Epoch">Number of the epoch, counted from 1.</param>
/// <param name="TotalEpochs">Epochs in the whole run; the last may be cut short.</param>
/// <param name="Loss">Loss of this step's batch.</param>
/// <param name="AverageLoss">Mean loss of the last steps, as many as an epoch has.</param>
/// <param name="GradientNorm">L2 norm of all gradients together, before clipping.</param>
/// <param name="LearningRate">Learning rate of the U-Net in this step, or of the text encoder where only that is trained; with an optimizer that finds it by itself, what it found.</param>
/// <param name="Duration">Time the step took.</param>
/// <param name="Remaining">Time the rest of the run is expected to take.</param>
public sealed record TrainingStep(
    int Step,
    int TotalSteps,
    int Epoch,
    int TotalEpochs,
    double Loss,
    double AverageLoss,
    double GradientNorm,
    double LearningRate,
    TimeSpan Duration,
    TimeSpan Remaining)
{
    /// <summary>How large the changes of the layers are after this step; null where they are not limited.</summary>
    public WeightNorms? WeightNorms { get; init; }
}
