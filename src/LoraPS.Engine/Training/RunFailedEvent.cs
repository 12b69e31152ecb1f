using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told when a run ends early, stopped or by an error, before the exception reaches the caller.</summary>
/// <param name="Error">The exception.</param>
public sealed record RunFailedEvent(Exception Error) : EngineEvent;
