using LoraPS.Engine.Data;

namespace LoraPS.Engine.Training;

/// <summary>What does not change while a run goes on.</summary>
/// <param name="Options">Options of the run.</param>
/// <param name="Dataset">Its pictures.</param>
/// <param name="Validation">Pictures on which it measures its loss, or null.</param>
/// <param name="Model">Its model.</param>
/// <param name="Length">Batches, steps and epochs.</param>
/// <param name="Seed">Its seed, given or drawn.</param>
/// <param name="StartedAt">When it was started first.</param>
internal sealed record RunFacts(
    TrainingOptions Options, LoraDataset Dataset, LoraDataset? Validation, ModelFiles Model, TrainingLength Length, long Seed, DateTimeOffset StartedAt)
{
    /// <summary>The VAE in the place of the model's own, or null.</summary>
    public ModelFiles? Vae { get; init; }

    /// <summary>What its files say of it for people, by field.</summary>
    public IReadOnlyDictionary<string, string> Description { get; init; } = new Dictionary<string, string>();
}
