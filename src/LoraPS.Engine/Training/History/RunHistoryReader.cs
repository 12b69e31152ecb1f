using System.Text.Json;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training.History;

/// <summary>Reads a run's history from its log of JSON lines (<see cref="Logging.JsonLinesLog"/>).</summary>
/// <remarks>
/// Of several runs in one file the last counts. What a run that was taken up again did anew counts instead of what it did
/// before. Lines that are no JSON objects, such as the last one of a killed run, are passed over.
/// </remarks>
public static class RunHistoryReader
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a log.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    /// <exception cref="RunHistoryException">It tells of no run.</exception>
    public static RunHistory Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // A run that still goes on holds its log open for writing.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Read(stream) ?? throw new RunHistoryException(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MissingFileException(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(path, e);
        }
    }

    /// <summary>Whether a file that begins like this is a log.</summary>
    internal static bool IsLog(ReadOnlySpan<byte> start)
    {
        // The first line may be longer than what is looked at; its event is written first.
        var reader = new Utf8JsonReader(start, isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.ValueTextEquals("event"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("settings"u8);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Reads a log; null when it tells of no run.</summary>
    internal static RunHistory? Read(Stream stream)
    {
        using var lines = new StreamReader(stream, leaveOpen: true);
        RunHistoryBuilder? run = null;
        while (lines.ReadLine() is { } line)
        {
            if (Parse(line) is { } told)
                run = Add(run, told);
        }

        return run?.Build();
    }

    private static JsonElement? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RunHistoryBuilder? Add(RunHistoryBuilder? run, JsonElement line)
    {
        var name = Text(line, "event");
        if (name == "settings")
            return Begin(run, line);
        switch (name)
        {
            case "dataset":
                run?.Pictures = Pictures(line);
                break;
            case "step":
                run?.Points.Add(new(Whole(line, "step"), Number(line, "loss"), Number(line, "learningRate"), Number(line, "gradientNorm"), Number(line, "seconds")));
                break;
            case "validation":
                run?.Validations.Add(new(Whole(line, "step"), Number(line, "loss")));
                break;
            case "saved":
                run?.Saves.Add(new(Text(line, "path"), Whole(line, "step"), Whole(line, "epoch")));
                break;
            case "warning":
                run?.Warnings.Add(Text(line, "message"));
                break;
            case "finished" or "stopped" or "failed":
                run?.End = new(name, OrNull(Text(line, name == "stopped" ? "loraPath" : "path")), OrNull(Text(line, "message")));
                break;
            default:
                run?.Samples.AddRange(Samples(line));
                break;
        }

        return run;
    }

    private static RunHistoryBuilder Begin(RunHistoryBuilder? earlier, JsonElement line)
    {
        var first = Whole(line, "firstStep");
        var run = first > 0 && earlier is not null ? earlier : new RunHistoryBuilder { StartedAt = Text(line, "time") };
        run.GoBackTo(first);
        run.Settings = line.TryGetProperty("settings", out var settings) && settings.ValueKind == JsonValueKind.Object
            ? new OrderedDictionary<string, string>(settings.EnumerateObject().Select(setting => KeyValuePair.Create(setting.Name, setting.Value.ToString())).DistinctBy(setting => setting.Key))
            : [];
        (run.SettingsHash, run.Seed, run.Steps, run.Epochs) = (Text(line, "hash"), (long)Number(line, "seed", 0), Whole(line, "steps"), Whole(line, "epochs"));
        return run;
    }

    /// <summary>Any event that names a picture tells of a sample.</summary>
    private static IEnumerable<RunSample> Samples(JsonElement line) => line.EnumerateObject()
        .SelectMany(property => Names(property.Value))
        .Where(ImageFile.HasImageName)
        .Select(path => new RunSample(path, Whole(line, "step"), Text(line, "prompt")));

    private static IEnumerable<string> Names(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static List<RunPicture> Pictures(JsonElement line)
    {
        try
        {
            return line.TryGetProperty("pictures", out var pictures) ? pictures.Deserialize<List<RunPicture>>(Json) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int Whole(JsonElement line, string name) => (int)Math.Clamp(Number(line, name, 0), 0, int.MaxValue);

    /// <summary>A number; what is not finite is written as text.</summary>
    private static double Number(JsonElement line, string name, double missing = double.NaN) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : missing;

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
