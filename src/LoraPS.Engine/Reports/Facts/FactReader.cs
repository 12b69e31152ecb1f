using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>Reads from files what a report tells.</summary>
/// <param name="options">How much is told.</param>
/// <param name="events">Told how far the work is.</param>
/// <param name="cancellationToken">Asked between files, modules and pictures.</param>
internal sealed class FactReader(ReportOptions options, IProgress<EngineEvent>? events, CancellationToken cancellationToken)
{
    private const int ThumbnailSide = 96;
    private const int SampleSide = 256;

    /// <summary>Reads a run.</summary>
    public TrainingFacts ReadTraining(FoundSource found)
    {
        var log = found.LogPath is { } path && (found.Source.Training is null || File.Exists(path)) ? path : null;
        var history = log is not null ? RunHistoryReader.Read(log) : found.Source.Training?.History ?? new RunHistory();
        var last = found.WeightsPath ?? history.End?.Path ?? (history.Saves is [.., var save] ? save.Path : null);
        var weights = SourceFinder.Near(last, log);
        var saves = history.Saves.Where(other => other.Path != last).Select(other => Describe(other.Path, $"LoRA after step {Html.Figures.Count(other.Step)}", log));
        // The log of a run that goes on, or in the memory of a result, is no file that could be told apart by its hash.
        var final = last is null ? [] : new[] { Describe(last, history.End?.Outcome is null or "finished" ? "LoRA" : "LoRA, as far as it was trained", log) };
        return new(
            Path.GetFileNameWithoutExtension(last ?? log ?? found.Source.Path), history, weights is null ? null : ReadLora(weights),
            ReadPictures(history, log), [.. final, .. saves, .. log is null ? [] : new[] { Describe(log, "Log", log) }], options.MaxPictures);
    }

    /// <summary>Reads a LoRA.</summary>
    public LoraFacts ReadLora(FoundSource found) => ReadLora(found.WeightsPath!);

    /// <summary>Reads a merge.</summary>
    public MergeFacts ReadMerge(FoundSource found)
    {
        var path = found.WeightsPath ?? found.Source.Path;
        IReadOnlyDictionary<string, string> metadata;
        using (var file = TensorFile.Open(path))
            metadata = file.Metadata;
        var lora = IsLora(found.Source, path) ? ReadLora(path) : null;
        var name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(found.Source.Path));
        return MergeReader.Read(found.Source, name, metadata, lora, lora?.Files ?? [Describe(path, "Model", logPath: null)]);
    }

    private static bool IsLora(ReportSource source, string path)
    {
        if (source.Fusion is not null || source.CheckpointMerge is not null || Directory.Exists(source.Path))
            return false;
        try
        {
            LoraFile.Read(path);
            return true;
        }
        catch (UnrecognisedLoraException)
        {
            return false;
        }
    }

    private LoraFacts ReadLora(string path)
    {
        var file = LoraFile.Read(path);
        var files = new[] { Describe(path, "LoRA", logPath: null) };
        try
        {
            return new(file, LoraMeasure.Measure(path, events, cancellationToken), null, files);
        }
        catch (Exception e) when (e is LoraMergeException or UnrecognisedLoraException)
        {
            return new(file, null, e.Message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal), files);
        }
    }

    private FileFacts Describe(string path, string role, string? logPath)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var name = path.Split('/', '\\')[^1];
        if (SourceFinder.Near(path, logPath) is not { } file)
            return new(name, role, null, null);
        events?.Report(new ProgressEvent("Hashing", name, 0));
        return new(name, role, new FileInfo(file).Length, ModelHashes.Sha256(file, cancellationToken));
    }

    private Dictionary<string, Thumbnail> ReadPictures(RunHistory history, string? log)
    {
        var wanted = history.Pictures.Take(options.MaxPictures).Select(picture => (picture.Path, Side: ThumbnailSide))
            .Concat(SampleChoice.Of(history.Samples).SelectMany(row => row.Samples).Select(sample => (sample.Path, Side: SampleSide))).DistinctBy(picture => picture.Path).ToList();
        var pictures = new Dictionary<string, Thumbnail>(StringComparer.Ordinal);
        foreach (var (path, side) in wanted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            events?.Report(new ProgressEvent("Shrinking pictures", Path.GetFileName(path), (double)pictures.Count / wanted.Count));
            if (Thumbnail.Of(SourceFinder.Near(path, log), side) is { } small)
                pictures.Add(path, small);
        }

        return pictures;
    }
}
