namespace LoraPS.Engine.Merging;

/// <summary>A model that takes part in a weighted sum of models.</summary>
/// <param name="Path">A single-file checkpoint or a diffusers folder.</param>
/// <param name="Ratio">Its factor, any sign; null for the first model alone gives it what the others leave of 1, block by block; null for all is equal shares.</param>
/// <param name="Blocks">A multiplier for each block on top of the ratio; null is 1 everywhere. Networks without blocks, the VAE among them, have 1.</param>
public sealed record CheckpointSource(string Path, double? Ratio = null, BlockWeights? Blocks = null)
{
    /// <summary>The sources of "add difference": model + weight · (tuned - original), which carries training from one model over to another.</summary>
    /// <param name="model">The model that is added to; the result has its form.</param>
    /// <param name="tuned">The model with the training in it.</param>
    /// <param name="original">The model it was trained from.</param>
    /// <param name="weight">How much of it; 1 is all.</param>
    /// <param name="blocks">A multiplier for each block; null is 1 everywhere.</param>
    public static IReadOnlyList<CheckpointSource> AddDifference(string model, string tuned, string original, double weight = 1, BlockWeights? blocks = null) =>
        new CheckpointSource[] { new(model, 1), new(tuned, weight, blocks), new(original, -weight, blocks) };
}
