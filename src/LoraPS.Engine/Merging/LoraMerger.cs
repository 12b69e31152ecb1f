using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Makes one LoRA of several.</summary>
/// <remarks>
/// Module by module: what every source says of a module becomes a <see cref="MergeModule"/>, the method merges it, and the
/// result is kept in the type it is saved in. Modules are merged side by side, each by one thread. Sources are read from their
/// memory maps. Equal inputs give equal bytes.
/// </remarks>
public static class LoraMerger
{
    /// <summary>Merges files.</summary>
    /// <param name="sources">At least one, in any mix of ranks, alphas and types. A source without a module adds nothing to it.</param>
    /// <param name="destinationPath">The LoRA to write, whole or not at all.</param>
    /// <param name="options">Method and form; null for the exact sum.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each module.</param>
    /// <exception cref="LoraMergeException">Sources do not fit each other, hold NaN, cancel each other out, or the method cannot merge them.</exception>
    /// <exception cref="UnrecognisedLoraException">A file is no LoRA, or one of a kind that has no factors to merge; the message names it.</exception>
    /// <exception cref="SafetensorsFormatException">A file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraMergeResult Merge(
        IReadOnlyList<LoraSource> sources,
        string destinationPath,
        LoraMergeOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        options ??= new();
        using var claim = Destination.Claim(destinationPath, options.Force);
        var method = MergeMethods.Create(options.Method, options.Numbers);
        TorchRuntime.EnsureLoaded();
        using var merge = new LoraSourceSet(sources, options.SkipNonFinite, events);
        var dtype = options.SaveDType ?? LoraOutput.TypeFor(merge.DTypes);
        using var hashes = new FileHashes(sources.Select(source => source.Path));
        using var output = new LoraOutput(destinationPath, dtype);

        var names = merge.ModuleNames;
        var reports = new List<ModuleReport>(names.Count);
        var done = 0;
        foreach (var merged in OrderedWork.Map(names, name => MergeOne(merge, name, method), cancellationToken))
        {
            events?.Report(new ProgressEvent("Merging LoRAs", $"{names[done]} ({done + 1} of {names.Count})", (double)done++ / names.Count));
            if (merged is null)
                continue;
            output.Add(merged);
            reports.Add(merged.Report);
        }

        if (reports.Count == 0)
            throw Empty(destinationPath);
        var known = hashes.Wait(cancellationToken);
        var recorded = merge.Record(path => known[path]);
        var written = output.Write(Metadata(merge, method, options, reports, recorded), merge.Spec(destinationPath));
        return new(Path.GetFullPath(destinationPath), method.Name, recorded, reports, dtype, written);
    }

    /// <summary>Checks everything that <see cref="Merge"/> checks before it computes, from headers alone, and tells what would be made.</summary>
    /// <inheritdoc cref="Merge" path="/param"/>
    /// <inheritdoc cref="Merge" path="/exception"/>
    public static MergePreview Preview(IReadOnlyList<LoraSource> sources, string destinationPath, LoraMergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);
        Destination.Check(destinationPath, options.Force);
        MergeMethods.Create(options.Method, options.Numbers);
        using var merge = new LoraSourceSet(sources);
        var ranks = merge.ExactRanks();
        return ranks.Count > 0 ? new(ranks.Count, ranks.Max(), Length: null) : throw Empty(destinationPath);
    }

    private static LoraMergeException Empty(string destinationPath) =>
        new("LoraMergeEmpty", "Every module has weight 0, so there is nothing to write. Check ratios and block weights.", destinationPath);

    private static FinishedModule? MergeOne(LoraSourceSet sources, string name, IMergeMethod method)
    {
        using var scope = NewDisposeScope();
        if (Read(sources, name) is not { } found)
            return null;
        using var merged = method.Merge(found.Module);
        return FinishedModule.Of(
            new(name, found.Module.IsConvolution, (int)merged.Up.shape[1], merged.Alpha, merged.Norm, merged.RelativeError),
            found.WeightShape, merged.Up, merged.Down);
    }

    // Open files are not for several threads at once; taking views of their maps is quick.
    private static (MergeModule Module, IReadOnlyList<long> WeightShape)? Read(LoraSourceSet sources, string name)
    {
        lock (sources)
            return sources.Read(name);
    }

    private static OrderedDictionary<string, string> Metadata(
        LoraSourceSet sources, IMergeMethod method, LoraMergeOptions options, List<ModuleReport> modules, IReadOnlyList<MergedSource> recorded)
    {
        var metadata = new OrderedDictionary<string, string>();
        NetworkMetadata.Describe(metadata, modules);
        foreach (var key in new[] { LoraMetadata.IsVersion2Key, LoraMetadata.BaseModelVersionKey })
        {
            if (sources.FirstValue(key) is { } value)
                metadata[key] = value;
        }

        metadata[MergeRecord.Key] = MergeRecord.ToJson(method.Name, options.Numbers, recorded);
        return metadata;
    }
}
