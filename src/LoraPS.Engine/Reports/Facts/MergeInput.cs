namespace LoraPS.Engine.Reports.Facts;

/// <summary>A file that took part in a merge.</summary>
/// <param name="Name">Its name, without its folder.</param>
/// <param name="Role">"Model" or "LoRA".</param>
/// <param name="Ratio">What it was multiplied by; null for a model that others were merged into.</param>
/// <param name="Blocks">Multipliers by block in words; empty for 1 everywhere.</param>
/// <param name="Sha256">Its hash.</param>
internal sealed record MergeInput(string Name, string Role, double? Ratio, string Blocks, string Sha256);
