using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Tells the progress of what a training does before its first step as a part of the training.</summary>
/// <param name="events">Told of everything.</param>
internal sealed class PreparationProgress(IProgress<EngineEvent>? events) : IProgress<EngineEvent>
{
    /// <inheritdoc/>
    public void Report(EngineEvent value) =>
        events?.Report(value is ProgressEvent part ? new ProgressEvent(TrainingLoop.Activity, "preparing", 0) { Part = part } : value);
}
