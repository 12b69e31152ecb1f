namespace LoraPS.Engine.Training.History;

/// <summary>A LoRA file that a run wrote.</summary>
/// <param name="Path">Full path at the time of the run.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
public sealed record RunSave(string Path, int Step, int Epoch);
