using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told after a LoRA file of a run was written.</summary>
/// <param name="Path">The file.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
public sealed record LoraSavedEvent(string Path, int Step, int Epoch) : EngineEvent;
