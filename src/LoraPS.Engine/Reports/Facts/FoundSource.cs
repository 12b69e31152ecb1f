namespace LoraPS.Engine.Reports.Facts;

/// <summary>A source whose files were found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">As it was given.</param>
/// <param name="WeightsPath">The LoRA, or the file of a model that tells of its merge; null for a run that has left no LoRA.</param>
/// <param name="LogPath">The log of a run, or null.</param>
internal sealed record FoundSource(ReportKind Kind, ReportSource Source, string? WeightsPath, string? LogPath = null);
