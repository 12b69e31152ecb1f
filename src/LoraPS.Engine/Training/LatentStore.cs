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

    /// <summary>Encodes every picture that is not cropped at random, and reads those that are. While one is encoded, the next is read.</summary>
    /// <param name="entries">The pictures; those that are in the store already are passed over.</param>
    /// <param name="events">Told how far it is, and warned of each picture that cannot be read.</param>
    /// <param name="cancellationToken">Asked before each picture.</param>
    /// <returns>The pictures that cannot be read.</returns>
    public IReadOnlyCollection<SkippedImage> Fill(
        IReadOnlyList<DatasetEntry> entries, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var unreadable = new List<SkippedImage>();
        var known = _kept.Keys.ToHashSet();
        using var pictures = new WorkAhead<DatasetEntry, List<FoundPicture>>(entries, entry => Find(entry, known));
        for (var i = 0; i < entries.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent(Activity, $"picture {i + 1} of {entries.Count}", (double)i / entries.Count));
            try
            {
                pictures.Next(cancellationToken).ForEach(Keep);
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

    /// <summary>Reads a picture that is cropped anew whenever it is drawn.</summary>
    /// <param name="item">The picture.</param>
    /// <returns>Null for other pictures, whose latents are here.</returns>
    /// <exception cref="ImageUnreadableException">The picture can no longer be read.</exception>
    internal static LoadedPicture? Load(BatchItem item) =>
        item.Entry.Subset.RandomCrop ? LoadedPicture.Of(item.Entry, item.Flipped, item.Crop) : null;

    /// <summary>Draws latents of a picture.</summary>
    /// <param name="item">The picture.</param>
    /// <param name="random">Where the draw's numbers come from.</param>
    /// <param name="loaded">What <see cref="Load"/> gave.</param>
    /// <returns>Scaled latents [4, h, w], float32, on the CPU.</returns>
    internal Tensor Sample(BatchItem item, CounterRandom random, LoadedPicture? loaded)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var distribution = loaded is null ? _kept[Key.Of(item.Entry, item.Flipped)] : new DiagonalGaussian(Moments(loaded.Pixels.ToTensor()));
        var sample = distribution.Sample(random.Normal(distribution.Mean.shape));
        return sample.Times(vae.Config.ScalingFactor).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>How much each place of a picture counts.</summary>
    /// <param name="item">The picture.</param>
    /// <param name="size">Height and width of its latents.</param>
    /// <param name="loaded">What <see cref="Load"/> gave.</param>
    /// <returns>[h, w], float32 in 0 to 1, on the CPU: ones where the picture has no mask.</returns>
    internal Tensor Mask(BatchItem item, long[] size, LoadedPicture? loaded)
    {
        using var scope = NewDisposeScope();
        var mask = item.Entry.MaskSource is null ? ones(size, ScalarType.Float32)
            : loaded?.Mask is { } read ? Shrink(read.ToTensor(), size)
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

    /// <summary>Reads a picture's file, or finds its latents in the cache.</summary>
    /// <param name="entry">The picture.</param>
    /// <param name="known">What need not be looked for; what is found is added.</param>
    private List<FoundPicture> Find(DatasetEntry entry, HashSet<Key> known)
    {
        // A picture that is cropped at random is read only to find out now whether it can be.
        if (entry.Subset.RandomCrop)
        {
            LoadedPicture.Of(entry, flipped: false, entry.Fit.Centre);
            return [];
        }

        var found = new List<FoundPicture>();
        for (var turn = 0; turn <= (entry.Subset.FlipAugmentation ? 1 : 0); turn++)
        {
            if (!known.Contains(Key.Of(entry, flipped: turn == 1)))
                found.Add(Find(entry, flipped: turn == 1));
        }

        known.UnionWith(found.Select(picture => picture.Key));
        return found;
    }

    private FoundPicture Find(DatasetEntry entry, bool flipped)
    {
        using var scope = NewDisposeScope();
        // A file that is missing is told of by the reading of its pixels.
        var description = cache is null || !File.Exists(entry.Path) ? null : Describe(entry, flipped);
        var mask = TensorCopy.OfAny(ImageTransform.LoadMask(entry, flipped));
        var moments = description is null ? null : TensorCopy.OfAny(cache!.Find(description));
        return new(Key.Of(entry, flipped), description, moments, moments is null ? TensorCopy.Of(ImageTransform.Load(entry, flipped)) : null, mask);
    }

    private void Keep(FoundPicture picture)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var moments = picture.Moments?.ToTensor() ?? Moments(picture.Pixels!.ToTensor());
        if (picture is { Description: { } description, Moments: null })
            cache!.Add(description, moments);
        var distribution = new DiagonalGaussian(moments);
        if (picture.Mask is { } mask)
            _masks.Add(picture.Key, Shrink(mask.ToTensor(), distribution.Mean.shape[2..]).DetachFromDisposeScope());
        distribution.Mean.DetachFromDisposeScope();
        distribution.LogVar.DetachFromDisposeScope();
        _kept.Add(picture.Key, distribution);
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

    /// <summary>A picture read from its file, or its latents found in the cache.</summary>
    /// <param name="Key">Which.</param>
    /// <param name="Description">Names it in the cache; null where it is not to be kept there.</param>
    /// <param name="Moments">What was in the cache, [1, 8, h, w], or null.</param>
    /// <param name="Pixels">[3, H, W] where there was nothing.</param>
    /// <param name="Mask">[H, W], or null.</param>
    private sealed record FoundPicture(Key Key, string? Description, TensorCopy? Moments, TensorCopy? Pixels, TensorCopy? Mask);
}
