using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>The pictures and captions of a training: what files say, without any pixel or tensor.</summary>
public sealed class LoraDataset
{
    private LoraDataset(string source, IEnumerable<DatasetGroup> groups, IReadOnlyList<SkippedImage> skipped)
    {
        (Source, Groups, Skipped) = (source, groups.Where(group => group.ImageCount > 0).ToArray(), skipped);
        Entries = Groups.SelectMany(group => group.Entries).ToArray();
        if (Entries.Count == 0)
            throw new EmptyDatasetException(source, skipped.Count);
    }

    /// <summary>Full path of the folder or configuration file that the data set was made from.</summary>
    public string Source { get; }

    /// <summary>Pictures by resolution and batch size; one for each <c>[[datasets]]</c> of a configuration that has pictures.</summary>
    public IReadOnlyList<DatasetGroup> Groups { get; }

    /// <summary>The pictures of all groups.</summary>
    public IReadOnlyList<DatasetEntry> Entries { get; }

    /// <summary>Pictures that were found and left out.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>Pictures.</summary>
    public int ImageCount => Entries.Count;

    /// <summary>Pictures counted as often as they are seen in an epoch.</summary>
    public int ItemCount => Groups.Sum(group => group.ItemCount);

    /// <summary>Batches an epoch.</summary>
    public int BatchesPerEpoch => Groups.Sum(group => group.BatchCount);

    /// <summary>A name for this exact data: it changes when a picture, a caption or an option does, and not when the folder moves.</summary>
    /// <value>64 hexadecimal digits (SHA-256).</value>
    public string Fingerprint => field ??= DatasetFingerprint.Of(Groups);

    /// <summary>The data set of a folder: its sub-folders named as <c>10_sks cat</c>, or its own pictures where there are none.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">Resolution, batch size and buckets; its own subsets do not count.</param>
    /// <param name="subset">How the pictures are used; defaults when null.</param>
    /// <param name="events">Told of everything that is left out or missing.</param>
    /// <param name="regularizationPath">A folder of regularisation pictures, in sub-folders or not as the other, and repeated as those names say or as needed; none when null.</param>
    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    /// <exception cref="ImageFolderNotFoundException">There is no such folder.</exception>
    /// <exception cref="EmptyDatasetException">It has no picture that can be used.</exception>
    /// <exception cref="CaptionUnreadableException">A caption file is not UTF-8.</exception>
    public static LoraDataset FromFolder(
        string path, DatasetOptions options, SubsetOptions? subset = null, IProgress<EngineEvent>? events = null, string? regularizationPath = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var template = subset ?? new();
        List<SubsetOptions> subsets = [.. SubsetFolders.Find(path, template, events)];
        if (regularizationPath is not null)
            subsets.AddRange(SubsetFolders.Find(regularizationPath, template with { IsRegularization = true, Repeats = 1 }, events));
        return Create(path, [options with { Subsets = subsets }], events);
    }

    /// <summary>The data set of a configuration file in the format of sd-scripts.</summary>
    /// <param name="path">A .toml or .json file; see <see cref="DatasetConfigReader"/>.</param>
    /// <param name="defaults">Values of data sets where the file is silent.</param>
    /// <param name="subset">Values of subsets where the file is silent.</param>
    /// <param name="events">Told of everything that is left out or missing.</param>
    /// <param name="folder">Where a relative folder is looked for that is not beside the file; nowhere when null.</param>
    /// <exception cref="ConfigFileNotFoundException">There is no such file.</exception>
    /// <exception cref="DatasetConfigException">The file cannot be used.</exception>
    /// <exception cref="ImageFolderNotFoundException">A folder does not exist.</exception>
    /// <exception cref="EmptyDatasetException">There is no picture that can be used.</exception>
    /// <exception cref="CaptionUnreadableException">A caption file is not UTF-8.</exception>
    public static LoraDataset FromConfig(
        string path, DatasetOptions? defaults = null, SubsetOptions? subset = null, IProgress<EngineEvent>? events = null, string? folder = null) =>
        Create(path, DatasetConfigReader.Read(path, defaults, subset, folder), events);

    /// <summary>The data set of given folders.</summary>
    /// <param name="source">Where the options come from: a folder or a configuration file.</param>
    /// <param name="groups">Resolutions with their folders.</param>
    /// <param name="events">Told of everything that is left out or missing.</param>
    /// <exception cref="ArgumentException">The options do not fit together.</exception>
    /// <exception cref="ImageFolderNotFoundException">A folder does not exist.</exception>
    /// <exception cref="EmptyDatasetException">There is no picture that can be used.</exception>
    /// <exception cref="CaptionUnreadableException">A caption file is not UTF-8.</exception>
    public static LoraDataset Create(string source, IReadOnlyList<DatasetOptions> groups, IProgress<EngineEvent>? events = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(groups);
        if (groups.SelectMany(DatasetRules.Check).FirstOrDefault() is { } problem)
            throw new ArgumentException(problem.Message, nameof(groups));
        var scanner = new FolderScanner(events);
        var scanned = groups.Select(scanner.Scan).ToList();
        scanner.WarnOfMissingCaptions();
        return new LoraDataset(Path.GetFullPath(source), scanned, scanner.Skipped);
    }

    /// <summary>The pictures to learn from, and those kept to measure the loss on (<see cref="DatasetOptions.ValidationSplit"/>).</summary>
    /// <param name="seed">Seed of the choice where a group has none of its own.</param>
    /// <returns>Validation is null where no picture is kept for it.</returns>
    /// <exception cref="EmptyDatasetException">No picture is left to learn from.</exception>
    public (LoraDataset Training, LoraDataset? Validation) SplitForValidation(long seed)
    {
        if (Groups.All(group => group.Options.ValidationSplit == 0))
            return (this, null);
        var parts = Groups.Select(group => ValidationSplit.Part(group, seed)).ToList();
        var validation = parts.Select(part => part.Validation).Where(group => group.ImageCount > 0).ToList();
        return (
            new LoraDataset(Source, parts.Select(part => part.Training), Skipped),
            validation.Count == 0 ? null : new LoraDataset(Source, validation, []));
    }

    /// <summary>The same data set without pictures that turned out to be unreadable, with regularisation balanced anew.</summary>
    /// <param name="unreadable">The pictures; they are added to <see cref="Skipped"/>.</param>
    /// <exception cref="EmptyDatasetException">No picture is left.</exception>
    public LoraDataset Without(IReadOnlyCollection<SkippedImage> unreadable)
    {
        ArgumentNullException.ThrowIfNull(unreadable);
        var paths = unreadable.Select(image => image.Path).ToHashSet();
        return new LoraDataset(Source, Groups.Select(group => group.Without(paths)), Skipped.Concat(unreadable).ToArray());
    }
}
