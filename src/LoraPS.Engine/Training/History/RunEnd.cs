namespace LoraPS.Engine.Training.History;

/// <summary>How a run ended.</summary>
/// <param name="Outcome">The event of the log: finished, stopped or failed.</param>
/// <param name="Path">The LoRA it left behind, or null.</param>
/// <param name="Message">What went wrong, or null.</param>
public sealed record RunEnd(string Outcome, string? Path, string? Message);
