namespace LoraPS.Engine.Merging;

/// <summary>A LoRA that takes part in a merge, and how strongly.</summary>
/// <param name="Path">A LoRA file in sd-scripts naming.</param>
/// <param name="Ratio">What its weight difference is multiplied by; default 1, any sign.</param>
public sealed record LoraSource(string Path, double Ratio = 1);
