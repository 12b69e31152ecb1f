using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>A loss or its gradient was not a finite number; no weight was changed by it and no file was written.</summary>
/// <param name="step">Number of the step, counted from 1.</param>
/// <param name="what">What was not finite: "loss", "gradient norm".</param>
/// <param name="pictures">Paths of the batch's pictures.</param>
/// <param name="source">Where the first numbers are that are not finite, in words; null where all that went in is finite.</param>
public sealed class NonFiniteLossException(int step, string what, IReadOnlyList<string> pictures, string? source = null)
    : EngineException(
        "LossNotFinite",
        $"The {what} of step {step} is not a finite number; pictures: {string.Join(", ", pictures)}. {(source is null ? "" : $"Not finite are {source}. ")}Lower the learning rate, check these pictures, or check the model.",
        step)
{
    /// <summary>Number of the step, counted from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Where the first numbers are that are not finite: a picture's latents, modules of the network, a weight of the model; null where all that went in is finite.</summary>
    public string? Origin { get; } = source;

    /// <summary>Paths of the batch's pictures.</summary>
    public IReadOnlyList<string> Pictures { get; } = pictures;
}
