using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told when a run is finished.</summary>
/// <param name="Result">What it left behind.</param>
public sealed record RunFinishedEvent(TrainingResult Result) : EngineEvent;
