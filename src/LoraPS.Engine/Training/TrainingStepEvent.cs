using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told after every training step.</summary>
/// <param name="Step">What the step did.</param>
public sealed record TrainingStepEvent(TrainingStep Step) : EngineEvent;
