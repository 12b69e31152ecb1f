using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Models.Vae;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>The pictures of a data set as the VAE sees them, computed once.</summary>
/// <remarks>
/// Kept is the distribution that the VAE gives, not a sample of it: 128 KiB for a picture of 512x512, and as much again
/// for its mirror image where the data set mirrors. Pictures that are cropped at random are encoded whenever they are
/// drawn.
/// </remarks>
/// <param name="vae">The model's autoencoder; not owned.</param>
/// <param name="cache">Where latents are kept from one run to the next, or null.</param>
public sealed class LatentStore(AutoencoderKL vae, TensorCache? cache = null) : IDisposable
{
    private const string Activity = "Caching latents";
    private readonly Device _device = vae.parameters().First().device;
    private readonly Dictionary<Key, DiagonalGaussian> _kept = [];
    private readonly Dictionary<Key, Tensor> _masks = [];
    private string? _vaeHash;

    /// <summary>Encodes every picture that is not cropped at random, and reads those that are.</summary>
    /// <param name="entries">The pictures; those that are in the store already are passed over.</param>
    /// <param name="events">Told how far it is, and warned of each picture that cannot be read.</param>
    /// <param name="cancellationToken">Asked before each picture.</param>
    /// <returns>The pictures that cannot be read.</returns>
    public IReadOnlyCollection<SkippedImage> Fill(
        IReadOnlyList<DatasetEntry> entries, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var unreadable = new List<SkippedImage>();
        for (var i = 0; i < entries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent(Activity, $"picture {i + 1} of {entries.Count}", (double)i / entries.Count));
            try
            {
                Add(entries[i]);
            }
            catch (ImageUnreadableException e)
            {
                unreadable.Add(new(e.Path, e.Reason));
                events?.Report(new WarningEvent(e.ErrorId, e.Message, e.Path));
            }
        }

        events?.Report(new ProgressEvent(Activity, $"{entries.Count} pictures", 1));
        return unreadable;
    }

    /// <summary>Draws latents of a picture.</summary>
    /// <param name="item">The picture.</param>
    /// <param name="random">Where the draw's numbers come from.</param>
    /// <returns>Scaled latents [4, h, w], float32.</returns>
    public Tensor Sample(BatchItem item, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(random);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var distribution = item.Entry.Subset.RandomCrop ? new DiagonalGaussian(Moments(ImageTransform.Load(item))) : _kept[Key.Of(item.Entry, item.Flipped)];
        var sample = distribution.Sample(random.Normal(distribution.Mean.shape));
        return sample.Times(vae.Config.ScalingFactor).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>How much each place of a picture counts.</summary>
    /// <param name="item">The picture.</param>
    /// <param name="latents">The picture's latents, [4, h, w].</param>
    /// <returns>[h, w], float32 in 0 to 1, on the CPU: ones where the picture has no mask.</returns>
    public Tensor Mask(BatchItem item, Tensor latents)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(latents);
        using var scope = NewDisposeScope();
        var size = latents.shape[1..];
        var mask = item.Entry.MaskSource is null ? ones(size, ScalarType.Float32)
            : item.Entry.Subset.RandomCrop ? Shrink(ImageTransform.LoadMask(item.Entry, item.Flipped, item.Crop)!, size)
            : _masks[Key.Of(item.Entry, item.Flipped)].alias();
        return mask.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var mask in _masks.Values)
            mask.Dispose();
        foreach (var distribution in _kept.Values)
            distribution.Dispose();
    }

    private void Add(DatasetEntry entry)
    {
        if (entry.Subset.RandomCrop)
        {
            // Only to find out now whether it can be read.
            ImageTransform.Load(entry).Dispose();
            ImageTransform.LoadMask(entry)?.Dispose();
            return;
        }

        foreach (var flipped in entry.Subset.FlipAugmentation ? new[] { false, true } : [false])
        {
            if (!_kept.ContainsKey(Key.Of(entry, flipped)))
                Keep(entry, flipped);
        }
    }

    private void Keep(DatasetEntry entry, bool flipped)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var mask = ImageTransform.LoadMask(entry, flipped);
        // A file that is missing is told of by the reading of its pixels.
        var distribution = new DiagonalGaussian(cache is null || !File.Exists(entry.Path)
            ? Moments(ImageTransform.Load(entry, flipped))
            : cache.GetOrAdd(Describe(entry, flipped), () => Moments(ImageTransform.Load(entry, flipped))));
        if (mask is not null)
            _masks.Add(Key.Of(entry, flipped), Shrink(mask, distribution.Mean.shape[2..]).DetachFromDisposeScope());
        distribution.Mean.DetachFromDisposeScope();
        distribution.LogVar.DetachFromDisposeScope();
        _kept.Add(Key.Of(entry, flipped), distribution);
    }

    /// <summary>The mask as large as the latents, each place the mean of its pixels.</summary>
    private static Tensor Shrink(Tensor mask, long[] size) =>
        nn.functional.interpolate(mask.unsqueeze(0).unsqueeze(0), size: size, mode: InterpolationMode.Area).reshape(size);

    /// <summary>One picture at a time, so that the numbers do not depend on what else is encoded; kept on the CPU.</summary>
    /// <returns>Mean and logarithm of the variance, [1, 8, h, w].</returns>
    private Tensor Moments(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var encoded = vae.Encode(pixels.unsqueeze(0).to(_device));
        return cat([encoded.Mean, encoded.LogVar], dim: 1).cpu().MoveToOuterDisposeScope();
    }

    /// <summary>All that decides a picture's latents.</summary>
    private string Describe(DatasetEntry entry, bool flipped)
    {
        _vaeHash ??= TensorCache.WeightsHash(vae);
        var (fit, crop) = (entry.Fit, entry.Fit.Centre);
        return FormattableString.Invariant(
            $"latents 1; picture {ModelHashes.Sha256(entry.Path)}; resized {fit.Resized} {entry.Interpolation}; crop {crop.Left},{crop.Top} {fit.Bucket}; flipped {flipped}; vae {_vaeHash} on {_device.type}");
    }

    /// <summary>What decides a picture's pixels and its mask.</summary>
    private readonly record struct Key(string Path, BucketFit Fit, ResizeInterpolation Interpolation, bool Flipped, string? Mask)
    {
        public static Key Of(DatasetEntry entry, bool flipped) => new(entry.Path, entry.Fit, entry.Interpolation, flipped, entry.MaskSource);
    }
}
