using System.Globalization;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Takes LoRAs of lower ranks out of a DyLoRA file, which holds them all: rank k is its first k directions.</summary>
/// <remarks>
/// Valipour et al., "DyLoRA" (2022). Follows sd-scripts networks/extract_lora_from_dylora.py@48d368fa: alpha stays, so alpha/rank
/// grows as the rank falls. Unlike there each file carries its own hashes.
/// </remarks>
public static class DyLoraSplitter
{
    /// <summary>Splits a file.</summary>
    /// <param name="path">A DyLoRA file: every module has the same rank.</param>
    /// <param name="destinationPath">Files are named after it, the rank put in: <c>out.safetensors</c> gives <c>out-0002.safetensors</c> …</param>
    /// <param name="options">Which ranks; null for all below the file's own.</param>
    /// <param name="events">Told how far the work is.</param>
    /// <param name="cancellationToken">Asked before each file; files already written stay.</param>
    /// <returns>The files, in the order of the ranks.</returns>
    /// <exception cref="LoraMergeException">The modules' ranks differ, a rank asked for is above them, or there is none below.</exception>
    /// <exception cref="UnrecognisedLoraException">The file is no LoRA.</exception>
    /// <exception cref="DestinationExistsException">A destination exists and may not be replaced; nothing was written.</exception>
    /// <exception cref="WriteFailedException">A file cannot be written.</exception>
    public static IReadOnlyList<LoraFile> Split(
        string path,
        string destinationPath,
        DyLoraSplitOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(destinationPath);
        options ??= new();
        using var source = LoraReader.Open(path);
        var outputs = RanksToWrite(source, options).Select(rank => (Rank: rank, Path: PathOf(destinationPath, rank))).ToList();
        using var claims = Destination.ClaimAll(outputs.Select(output => output.Path), options.Force);

        TorchRuntime.EnsureLoaded();
        var written = new List<LoraFile>(outputs.Count);
        foreach (var output in outputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent("Splitting", output.Path, (double)written.Count / outputs.Count));
            Write(source, output.Rank, output.Path);
            written.Add(LoraFile.Read(output.Path));
        }

        return written;
    }

    private static IEnumerable<int> RanksToWrite(LoraReader source, DyLoraSplitOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Unit, 1, nameof(options.Unit));
        var whole = (int)source.Modules[0].Rank;
        if (source.Modules.FirstOrDefault(module => module.Rank != whole) is { } other)
        {
            throw new LoraMergeException(
                "NotDyLora", $"{source.Path} is no DyLoRA file: {source.Modules[0].Name} has rank {whole} and {other.Name} rank {other.Rank}; they would all have the same. Use Resize to lower the rank of other LoRAs.", source.Path);
        }

        var ranks = options.Ranks ?? [.. Enumerable.Range(1, (whole - 1) / options.Unit).Select(i => i * options.Unit)];
        if (ranks.Count == 0 || ranks.Any(rank => rank < 1 || rank > whole))
        {
            throw new LoraMergeException(
                "RankOutOfRange", $"{source.Path} has rank {whole}; {(ranks.Count == 0 ? $"there is no multiple of {options.Unit} below it" : $"asked for {string.Join(", ", ranks)}")}. Choose ranks from 1 to {whole}.", source.Path);
        }

        return ranks;
    }

    private static string PathOf(string path, int rank) => Path.Combine(
        Path.GetDirectoryName(path) ?? "",
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{rank:D4}{Path.GetExtension(path)}"));

    private static void Write(LoraReader source, int rank, string path)
    {
        using var scope = NewDisposeScope();
        using var output = new LoraOutput(path, LoraOutput.TypeFor(source.DTypes));
        foreach (var module in source.Modules)
        {
            var (up, down) = source.ReadFactors(module);
            output.Add(module.Name, module.WeightShape, up.narrow(1, 0, rank), down.narrow(0, 0, rank), module.Alpha);
        }

        var metadata = new OrderedDictionary<string, string>(source.Metadata.Values)
        {
            [LoraMetadata.NetworkDimKey] = rank.ToString(CultureInfo.InvariantCulture),
        };
        metadata[LoraMetadata.CommentKey] = string.Create(
            CultureInfo.InvariantCulture, $"split from DyLoRA, rank {source.Modules[0].Rank} to {rank}; {metadata.GetValueOrDefault(LoraMetadata.CommentKey)}");
        output.Write(metadata, spec: null);
    }
}
