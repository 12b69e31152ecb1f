namespace LoraPS.Engine.Merging;

/// <summary>A named set of block weights.</summary>
/// <param name="Name">One of <see cref="BlockPresets.Names"/>; a curve may carry an offset.</param>
/// <param name="Blocks">The weights.</param>
public sealed record BlockPreset(string Name, BlockWeights Blocks);
