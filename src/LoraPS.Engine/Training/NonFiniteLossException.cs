using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>A loss or its gradient was not a finite number; no weight was changed by it and no file was written.</summary>
/// <param name="step">Number of the step, counted from 1.</param>
/// <param name="what">What was not finite: "loss", "gradient norm".</param>
/// <param name="pictures">Paths of the batch's pictures.</param>
public sealed class NonFiniteLossException(int step, string what, IReadOnlyList<string> pictures)
    : EngineException(
        "LossNotFinite",
        $"The {what} of step {step} is not a finite number; pictures: {string.Join(", ", pictures)}. Lower the learning rate, check these pictures, or check the model.",
        step)
{
    /// <summary>Number of the step, counted from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Paths of the batch's pictures.</summary>
    public IReadOnlyList<string> Pictures { get; } = pictures;
}
