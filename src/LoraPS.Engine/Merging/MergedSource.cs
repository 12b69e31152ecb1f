namespace LoraPS.Engine.Merging;

/// <summary>A file that took part in a merge, as the result records it.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Sha256">SHA-256 of the whole file, lower-case hexadecimal.</param>
/// <param name="Ratio">What its weight difference was multiplied by.</param>
/// <param name="Blocks">Multipliers by block; null for 1 everywhere.</param>
public sealed record MergedSource(string Path, string Sha256, double Ratio, BlockWeights? Blocks);
