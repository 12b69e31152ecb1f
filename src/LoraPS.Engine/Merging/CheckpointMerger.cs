using System.Diagnostics;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>Merges models into one: W = Σ ratio · block weight · W of each, and with it the addition of a difference.</summary>
/// <remarks>
/// Tensor after tensor from files to file: memory does not grow with the models. Ratios are used as they are, and need not add
/// up to 1. The result has the form, the types and the other contents of the first model. Weights under names that are not
/// known, such as those of other text encoders in single files, are summed too. Results agree with sd-scripts
/// tools/merge_models.py@48d368fa but for schedule buffers, averaged weights and whole numbers, which are copied here, and for
/// text encoder names without <c>text_model.</c>, which that tool counts twice.
/// </remarks>
public static class CheckpointMerger
{
    /// <summary>Merges.</summary>
    /// <param name="sources">At least two models of one architecture, single files and folders in any mix; see <see cref="CheckpointSource.AddDifference"/> too.</param>
    /// <param name="destinationPath">The file or folder to make, of the form of the first model.</param>
    /// <param name="options">What to merge and save; null for everything.</param>
    /// <param name="events">Told of progress.</param>
    /// <param name="cancellationToken">Stops within a few megabytes, leaving nothing behind.</param>
    /// <exception cref="ArgumentException">Fewer than two models, ratios missing or not finite, or a type or destination that cannot be.</exception>
    /// <exception cref="LoraMergeException">The models differ in structure (ModelsDiffer, everything told at once), or a sum does not fit its type or is NaN (MergedWeightNotFinite).</exception>
    /// <exception cref="MissingFileException">A model does not exist (error id ModelNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">A file is damaged.</exception>
    /// <exception cref="DestinationExistsException">Something is at the destination and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The system refused; what was there before is unchanged.</exception>
    public static CheckpointMergeResult Merge(
        IReadOnlyList<CheckpointSource> sources,
        string destinationPath,
        CheckpointMergeOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        CheckArguments(sources, destinationPath, options);
        var clock = Stopwatch.StartNew();
        var destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destinationPath));
        using var sum = new CheckpointSum(sources, options);
        ModelOutput.CheckDestination(sum.First, destination, options.Overwrite);
        using var claim = Destination.Claim(destination, options.Overwrite);
        var output = new ModelOutput(sum.First, sum.Plan());

        TorchRuntime.EnsureLoaded();
        using var hashes = new FileHashes(sum.Paths);
        var record = new FuseRecord(sum.First, destination, "CheckpointSum", sum.Titles, sum.Record);
        var length = output.Write(destination, new(record.Metadata, hashes, new FuseProgress("Merging models", output.Tensors, events), cancellationToken));
        var known = hashes.Wait(cancellationToken);
        return new(
            destination, sum.Record(path => known[path]), output.Tensors.Count(tensor => tensor.IsComputed), output.Tensors.Count, length, clock.Elapsed);
    }

    private static void CheckArguments(IReadOnlyList<CheckpointSource> sources, string destinationPath, CheckpointMergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        if (sources.Count < 2)
            throw new ArgumentException("Name at least two models.", nameof(sources));
        if (sources.FirstOrDefault(source => source.Ratio is { } ratio && !double.IsFinite(ratio)) is { } wild)
            throw new ArgumentException($"The ratio of {wild.Path} is {wild.Ratio}; a ratio is a finite number.", nameof(sources));
        if (sources.Any(source => source.Ratio is not null) && sources.Skip(1).FirstOrDefault(source => source.Ratio is null) is { } silent)
            throw new ArgumentException($"{silent.Path} has no ratio. Give one to every model, to all but the first, or to none.", nameof(sources));
        if (options.SaveDType is { } type && !type.IsFloatingPoint())
            throw new ArgumentException($"Weights are saved in a float type, not in {type.Token()}.", nameof(options));
    }
}
