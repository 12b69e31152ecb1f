using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>What was trained cannot be saved: numbers of it are NaN, infinite, or too large for the type they are saved in. What was saved before is unchanged.</summary>
/// <param name="path">The file that was not written.</param>
/// <param name="step">Steps done.</param>
/// <param name="key">The first tensor with such numbers.</param>
/// <param name="dtype">The type it was to be saved in.</param>
public sealed class TrainedLoraNotFiniteException(string path, int step, string key, SafetensorsDType dtype)
    : EngineException(
        "TrainedLoraNotFinite",
        $"{path} is not written: after step {step} {key} holds numbers that are not finite in {dtype.Token()}. Lower the learning rate, or save in F32, and go on from an earlier save.",
        path)
{
    /// <summary>The first tensor with such numbers.</summary>
    public string Key { get; } = key;
}
