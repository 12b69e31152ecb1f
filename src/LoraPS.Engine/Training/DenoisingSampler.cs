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
/// <param name="options">Noise and timesteps.</param>
/// <param name="priorLossWeight">Weight of regularisation pictures.</param>
public sealed class DenoisingSampler(LatentStore latents, long seed, NoiseOptions options, double priorLossWeight)
{
    private readonly NoiseSampler _noise = new(seed, options);

    /// <summary>Draws for a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="epoch">Its epoch, from 1.</param>
    /// <returns>Tensors of the caller's dispose scope.</returns>
    public DenoisingInputs Draw(TrainingBatch batch, int epoch) => Prepare(batch, epoch)();

    /// <summary>Does of <see cref="Draw(TrainingBatch, int)"/> what needs no model, on any thread: all of it, or where a picture is cropped anew, its reading.</summary>
    /// <returns>Does the rest.</returns>
    internal Func<DenoisingInputs> Prepare(TrainingBatch batch, int epoch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var pictures = batch.Items.Select(LatentStore.Load).ToList();
        if (pictures.Exists(picture => picture is not null))
            return () => Draw(batch, epoch, pictures);
        using var scope = NewDisposeScope();
        return Copied(Draw(batch, epoch, pictures));
    }

    private DenoisingInputs Draw(TrainingBatch batch, int epoch, List<LoadedPicture?> pictures)
    {
        using var scope = NewDisposeScope();
        var scaled = batch.Items.Zip(pictures, (item, picture) => latents.Sample(item, new(seed, RandomPurpose.LatentSample, epoch, item.ItemIndex), picture)).ToList();
        var noise = batch.Items.Zip(scaled, (item, picture) => _noise.Noise(picture, epoch, item));
        var perturbation = batch.Items.Select(item => _noise.Perturbation(scaled[0].shape, epoch, item)).OfType<Tensor>().ToList();
        var timesteps = batch.Items.Select(item => _noise.Timestep(epoch, item));
        return new(
            stack(scaled).MoveToOuterDisposeScope(),
            stack(noise).MoveToOuterDisposeScope(),
            tensor(timesteps.ToArray()).MoveToOuterDisposeScope(),
            [.. batch.Items.Select(item => item.Entry.Subset.IsRegularization ? (float)priorLossWeight : 1f)])
        {
            Mask = batch.Items.All(item => item.Entry.MaskSource is null) ? null
                : stack(batch.Items.Select((item, place) => latents.Mask(item, scaled[place].shape[1..], pictures[place]))).MoveToOuterDisposeScope(),
            Perturbation = perturbation.Count > 0 ? stack(perturbation).MoveToOuterDisposeScope() : null,
        };
    }

    /// <summary>The same inputs for another thread.</summary>
    private static Func<DenoisingInputs> Copied(DenoisingInputs drawn)
    {
        var (scaled, noise, timesteps) = (TensorCopy.Of(drawn.Latents), TensorCopy.Of(drawn.Noise), TensorCopy.Of(drawn.Timesteps));
        var (mask, perturbation) = (TensorCopy.OfAny(drawn.Mask), TensorCopy.OfAny(drawn.Perturbation));
        return () => new(scaled.ToTensor(), noise.ToTensor(), timesteps.ToTensor(), drawn.Weights)
        {
            Mask = mask?.ToTensor(), Perturbation = perturbation?.ToTensor(),
        };
    }
}
