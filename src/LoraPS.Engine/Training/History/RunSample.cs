namespace LoraPS.Engine.Training.History;

/// <summary>A picture that a run made to show what it has learned.</summary>
/// <param name="Path">Full path at the time of the run.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Prompt">What it should show; empty where the log does not say it.</param>
public sealed record RunSample(string Path, int Step, string Prompt);
