namespace LoraPS.Engine.Data;

/// <summary>The pictures that share a resolution and a batch size, in their buckets.</summary>
public sealed class DatasetGroup
{
    private DatasetGroup(DatasetOptions options, IReadOnlyList<DatasetSubset> subsets, IReadOnlyList<DatasetEntry> entries)
    {
        (Options, Subsets, Entries) = (options, subsets, entries);
        Buckets = entries.GroupBy(e => e.Fit.Bucket).OrderBy(b => b.Key.Width).ThenBy(b => b.Key.Height).Select(MakeBucket).ToArray();
    }

    /// <summary>Resolution, batch size, buckets.</summary>
    public DatasetOptions Options { get; }

    /// <summary>The folders.</summary>
    public IReadOnlyList<DatasetSubset> Subsets { get; }

    /// <summary>The pictures in use: folder by folder, training folders before regularisation folders, by name.</summary>
    public IReadOnlyList<DatasetEntry> Entries { get; }

    /// <summary>Sizes in use, by width and then height.</summary>
    public IReadOnlyList<AspectBucket> Buckets { get; }

    /// <summary>Pictures.</summary>
    public int ImageCount => Entries.Count;

    /// <summary>Pictures counted as often as they are seen in an epoch.</summary>
    public int ItemCount => Entries.Sum(entry => entry.Repeats);

    /// <summary>Batches an epoch.</summary>
    public int BatchCount => Buckets.Sum(bucket => bucket.BatchCount);

    /// <summary>Training pictures counted as often as they are seen in an epoch.</summary>
    public int TrainingItemCount => Entries.Where(entry => !entry.Subset.IsRegularization).Sum(entry => entry.Repeats);

    /// <summary>Mean distance of aspect ratio between pictures and their buckets, each picture once.</summary>
    public double MeanRatioError => Entries.Average(entry => Math.Abs(entry.Fit.RatioError));

    /// <summary>Puts scanned folders together.</summary>
    internal static DatasetGroup Create(DatasetOptions options, IReadOnlyList<DatasetSubset> subsets)
    {
        var entries = subsets.SelectMany(subset => subset.Images.Select(image => MakeEntry(options, subset, image)))
            .ToLookup(entry => entry.Subset.IsRegularization);
        var training = entries[false].ToList();
        return new DatasetGroup(options, subsets, training.Concat(Balance([.. entries[true]], training.Sum(entry => entry.Repeats))).ToArray());
    }

    /// <summary>The same group without some of its pictures.</summary>
    internal DatasetGroup Without(IReadOnlySet<string> paths) => Create(Options, [.. Subsets.Select(subset => subset.Without(paths))]);

    /// <summary>
    /// Takes regularisation pictures in their order until, with repeats, they are as many as the training pictures; where
    /// they are too few, each in turn is repeated once more. Follows sd-scripts (DreamBoothDataset).
    /// </summary>
    private static IEnumerable<DatasetEntry> Balance(IReadOnlyList<DatasetEntry> entries, int wanted)
    {
        var repeats = new List<int>();
        var total = 0;
        for (; repeats.Count < entries.Count && total < wanted; total += repeats[^1])
            repeats.Add(entries[repeats.Count].Repeats);
        for (var turn = 0; repeats.Count > 0 && total < wanted; turn++, total++)
            repeats[turn % repeats.Count]++;
        return entries.Zip(repeats, (entry, count) => entry with { Repeats = count });
    }

    private static DatasetEntry MakeEntry(DatasetOptions options, DatasetSubset subset, ScannedImage image) => new(
        image.Path,
        subset.CaptionOf(image),
        image.Size,
        image.FileLength,
        image.Fit,
        subset.Options.Repeats,
        subset.Options.Interpolation ?? options.Interpolation,
        subset.Options)
    {
        MaskPath = image.MaskPath,
    };

    private AspectBucket MakeBucket(IGrouping<ImageSize, DatasetEntry> entries)
    {
        var items = entries.Sum(entry => entry.Repeats);
        return new AspectBucket(entries.Key, entries.Count(), items, (items + Options.BatchSize - 1) / Options.BatchSize);
    }
}
