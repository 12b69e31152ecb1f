using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>Finds out what a path is of, and its files.</summary>
internal static class SourceFinder
{
    private const int StartLength = 4096;

    private static readonly string[] WeightExtensions = [".safetensors", ".ckpt", ".pt", ".bin"];
    private static readonly string[] ModelParts = ["unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"];
    private static readonly string[] LogExtensions = [".jsonl", ".ndjson", ".json", ".log", ".txt"];

    /// <summary>Finds the files of a source.</summary>
    public static FoundSource Find(ReportSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Training is { } training)
            return new(ReportKind.Training, source, training.Path, training.LogPath);
        if (Directory.Exists(source.Path))
            return FindIn(source);
        if (!File.Exists(source.Path))
            throw new MissingFileException(source.Path);
        if (!WeightExtensions.Contains(Path.GetExtension(source.Path), StringComparer.OrdinalIgnoreCase))
            return new(ReportKind.Training, source, WeightsPath: null, source.Path);
        var isMerge = source.Merge is not null || source.Fusion is not null || source.CheckpointMerge is not null || TellsOfMerge(source.Path);
        return new(isMerge ? ReportKind.Merge : ReportKind.Lora, source, source.Path);
    }

    /// <summary>The file that a path in a log names: there, or under its name beside the log when a run was moved.</summary>
    public static string? Near(string? path, string? logPath)
    {
        if (string.IsNullOrEmpty(path) || File.Exists(path))
            return string.IsNullOrEmpty(path) ? null : path;
        // A log of another system may part folders otherwise.
        var moved = Path.Combine(Path.GetDirectoryName(logPath) ?? "", path.Split('/', '\\')[^1]);
        return logPath is not null && File.Exists(moved) ? moved : null;
    }

    private static FoundSource FindIn(ReportSource source)
    {
        var files = Directory.EnumerateFiles(source.Path).Order(StringComparer.Ordinal).ToList();
        var logs = files.Where(file => LogExtensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase) && IsLog(file)).ToList();
        if (logs.Count == 1)
            return new(ReportKind.Training, source, WeightsPath: null, logs[0]);
        if (logs.Count > 1)
        {
            throw new ReportSourceException(
                "ReportSourceAmbiguous", $"{source.Path} holds the logs of {logs.Count} runs: {string.Join(", ", logs.Select(Path.GetFileName))}. Give one of these files.", source.Path);
        }

        return ModelFiles(source.Path).FirstOrDefault(TellsOfMerge) is { } weights
            ? new(ReportKind.Merge, source, weights)
            : throw new ReportSourceException(
                "ReportSourceUnrecognised", $"{source.Path} holds neither the log of a training run (Start-LoraTraining -LogPath) nor a merged model. Give the folder of a run, a log, or a LoRA file.", source.Path);
    }

    private static IEnumerable<string> ModelFiles(string folder) =>
        ModelParts.Select(file => Path.Combine(folder, file)).Where(File.Exists);

    private static bool TellsOfMerge(string path)
    {
        using var file = TensorFile.Open(path);
        return file.Metadata.ContainsKey(MergeRecord.Key);
    }

    private static bool IsLog(string path)
    {
        using var stream = File.OpenRead(path);
        var start = new byte[StartLength];
        return RunHistoryReader.IsLog(start.AsSpan(0, stream.ReadAtLeast(start, StartLength, throwOnEndOfStream: false)));
    }
}
