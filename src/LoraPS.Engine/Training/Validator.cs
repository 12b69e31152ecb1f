using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Measures the loss on pictures that are not trained.</summary>
/// <remarks>
/// As sd-scripts 48d368fa: each batch at four timesteps, evenly spaced inside the range. Pictures, captions and noise are
/// the same whenever it is asked, so that its numbers can be compared, and nothing it draws changes what is trained.
/// </remarks>
/// <param name="dataset">The pictures; their latents are in the store already.</param>
/// <param name="parts">What a step is computed with.</param>
/// <param name="options">How many batches.</param>
/// <param name="seed">Seed of all that is drawn.</param>
internal sealed class Validator(LoraDataset dataset, TrainingParts parts, TrainingOptions options, long seed)
{
    private const int TimestepsPerBatch = 4;
    // Training's epochs begin at 1, so no number is drawn twice.
    private const int Epoch = 0;

    /// <summary>Mean loss over batches and timesteps.</summary>
    public double Measure()
    {
        using var noGradient = no_grad();
        parts.Network.SetStep(null);
        var batches = BatchSampler.Epoch(dataset, seed, epoch: 1).Take(options.MaxValidationSteps ?? int.MaxValue);
        return batches.SelectMany(Losses).Average();
    }

    private List<double> Losses(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        var inputs = parts.Sampler.Draw(batch, Epoch);
        var states = parts.Text.Encode([.. batch.Items.Select(item => item.Caption)]);
        return [.. Enumerable.Range(1, TimestepsPerBatch).Select(part => Loss(inputs, states, Timestep(part)))];
    }

    private long Timestep(int part) =>
        options.Noise.MinTimestep + (part * (options.Noise.MaxTimestep - options.Noise.MinTimestep) / (TimestepsPerBatch + 1));

    private double Loss(DenoisingInputs inputs, Tensor states, long timestep)
    {
        using var scope = NewDisposeScope();
        var timesteps = tensor(Enumerable.Repeat(timestep, inputs.Weights.Length).ToArray());
        return parts.Trainer.Loss(inputs with { Timesteps = timesteps }, states).cpu().item<float>();
    }
}
