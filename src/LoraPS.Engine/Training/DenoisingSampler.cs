using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Draws what a batch is trained with: a sample of its latents, noise, and timesteps.</summary>
/// <remarks>
/// Every number follows from the seed, the epoch and the picture's place in it, so neither the other pictures of the batch
/// nor the place where a run was taken up again change it. sd-scripts keeps one sample of each picture's latents for the
/// whole run when it caches them; here each draw samples anew, as sd-scripts does without its cache.
/// </remarks>
/// <param name="latents">The pictures' latents; not owned.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="timestepCount">Number of timesteps.</param>
/// <param name="priorLossWeight">Weight of regularisation pictures.</param>
public sealed class DenoisingSampler(LatentStore latents, long seed, int timestepCount, double priorLossWeight)
{
    /// <summary>Draws for a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="epoch">Its epoch, from 1.</param>
    /// <returns>Tensors of the caller's dispose scope.</returns>
    public DenoisingInputs Draw(TrainingBatch batch, int epoch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        var scaled = stack(batch.Items.Select(item => latents.Sample(item, Random(RandomPurpose.LatentSample, epoch, item))));
        var noise = stack(batch.Items.Select(item => Random(RandomPurpose.Noise, epoch, item).Normal(scaled.shape[1..])));
        var timesteps = batch.Items.Select(item => (long)Random(RandomPurpose.Timestep, epoch, item).NextInt(timestepCount));
        return new(
            scaled.MoveToOuterDisposeScope(),
            noise.MoveToOuterDisposeScope(),
            tensor(timesteps.ToArray()).MoveToOuterDisposeScope(),
            [.. batch.Items.Select(item => item.Entry.Subset.IsRegularization ? (float)priorLossWeight : 1f)]);
    }

    private CounterRandom Random(RandomPurpose purpose, int epoch, BatchItem item) => new(seed, purpose, epoch, item.ItemIndex);
}
