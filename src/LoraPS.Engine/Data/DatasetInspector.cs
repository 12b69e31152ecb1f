using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Looks at every picture of a data set before hours are spent on it.</summary>
public static class DatasetInspector
{
    private const string Activity = "Checking pictures";

    /// <summary>Decodes all pictures and compares them.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="events">Told how far it is.</param>
    /// <param name="cancellationToken">Asked before each picture.</param>
    public static DatasetReport Inspect(LoraDataset dataset, IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var images = dataset.Groups.SelectMany(group => group.Subsets).SelectMany(subset => subset.Images.Select(image => (subset.Options, image))).ToList();
        var firstOf = new Dictionary<string, string>(StringComparer.Ordinal);
        var pictures = new List<PictureReport>();
        foreach (var (options, image) in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent(Activity, $"picture {pictures.Count + 1} of {images.Count}", (double)pictures.Count / images.Count));
            pictures.Add(Inspect(options, image, firstOf));
        }

        return new(dataset.Source, pictures, dataset.Skipped, dataset.Groups.SelectMany(group => group.Buckets).ToList());
    }

    private static PictureReport Inspect(SubsetOptions options, ScannedImage image, Dictionary<string, string> firstOf)
    {
        var (resized, bucket) = (image.Fit.Resized, image.Fit.Bucket);
        var (duplicateOf, problem) = Compare(image.Path, firstOf);
        return new(
            image.Path, image.Size, bucket,
            Math.Max((double)resized.Width / image.Size.Width, (double)resized.Height / image.Size.Height),
            1 - ((double)bucket.Width * bucket.Height / ((double)resized.Width * resized.Height)),
            options.Repeats, options.IsRegularization, image.Caption, duplicateOf, problem);
    }

    private static (string? DuplicateOf, string? Problem) Compare(string path, Dictionary<string, string> firstOf)
    {
        try
        {
            using var file = ImageFile.Open(path);
            var hash = file.Decode().Hash();
            // A folder that two groups train is no duplicate of itself.
            return firstOf.TryAdd(hash, path) || firstOf[hash] == path ? (null, null) : (firstOf[hash], null);
        }
        catch (ImageUnreadableException e)
        {
            return (null, e.Reason);
        }
    }
}
