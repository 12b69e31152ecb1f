using System.Globalization;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Training.Logging;

/// <summary>The logs of a run, on the way of its events to whoever called.</summary>
/// <param name="logs">The logs; owned.</param>
/// <param name="memory">What one of them writes to where no file holds the lines; null otherwise.</param>
/// <param name="events">Told of everything too.</param>
internal sealed class RunLogs(IReadOnlyList<RunLog> logs, MemoryStream? memory, IProgress<EngineEvent>? events) : IProgress<EngineEvent>, IDisposable
{
    /// <summary>Opens the logs that options ask for.</summary>
    /// <exception cref="Formats.WriteFailedException">A file cannot be opened.</exception>
    public static RunLogs Open(TrainingOptions options, DateTimeOffset startedAt, IProgress<EngineEvent>? events)
    {
        var logs = new List<RunLog>();
        try
        {
            var memory = options.LogPath is null ? new MemoryStream() : null;
            logs.Add(new JsonLinesLog(memory ?? (Stream)RunLog.Open(options.LogPath!), options.Clock));
            if (options.TensorBoardPath is { } folder)
                logs.Add(new TensorBoardLog(RunLog.Open(FileIn(folder, new TrainingPaths(options.DestinationPath).Name, startedAt, options.Clock)), options.Clock));
            return new(logs, memory, events);
        }
        catch
        {
            logs.ForEach(log => log.Dispose());
            throw;
        }
    }

    /// <summary>What was told so far; null where a file holds it.</summary>
    public RunHistory? History()
    {
        if (memory is null)
            return null;
        memory.Position = 0;
        return RunHistoryReader.Read(memory);
    }

    /// <inheritdoc/>
    public void Report(EngineEvent value)
    {
        foreach (var log in logs)
        {
            if (log.Write(value) is { } warning)
                events?.Report(warning);
        }

        events?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var log in logs)
            log.Dispose();
    }

    /// <summary>A folder for each run, in which every part of a run that was stopped has a file; TensorBoard joins them by step.</summary>
    private static string FileIn(string folder, string name, DateTimeOffset startedAt, TimeProvider clock) => Path.Combine(
        folder,
        string.Create(CultureInfo.InvariantCulture, $"{name}-{startedAt.UtcDateTime:yyyyMMddHHmmss}"),
        string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeSeconds()}.{name}"));
}
