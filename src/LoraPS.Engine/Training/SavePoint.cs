namespace LoraPS.Engine.Training;

/// <summary>A LoRA saved on the way.</summary>
/// <param name="Path">The LoRA file.</param>
/// <param name="OutdatedPath">The LoRA of an earlier save that this one replaces, or null.</param>
/// <param name="OutdatedStatePath">The state kept by an earlier save that this one replaces, or null.</param>
internal sealed record SavePoint(string Path, string? OutdatedPath, string? OutdatedStatePath)
{
    /// <summary>The state that belongs to it, where states are kept.</summary>
    public string StatePath => TrainingPaths.StateBeside(Path);
}
