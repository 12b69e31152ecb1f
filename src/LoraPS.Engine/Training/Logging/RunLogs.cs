using System.Globalization;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Logging;

/// <summary>The logs of a run, on the way of its events to whoever called.</summary>
/// <param name="logs">The logs; owned.</param>
/// <param name="events">Told of everything too.</param>
internal sealed class RunLogs(IReadOnlyList<RunLog> logs, IProgress<EngineEvent>? events) : IProgress<EngineEvent>, IDisposable
{
    /// <summary>Opens the logs that options ask for.</summary>
    /// <exception cref="Formats.WriteFailedException">A file cannot be opened.</exception>
    public static RunLogs Open(TrainingOptions options, DateTimeOffset startedAt, IProgress<EngineEvent>? events)
    {
        var logs = new List<RunLog>();
        try
        {
            if (options.LogPath is { } path)
                logs.Add(new JsonLinesLog(path, options.Clock));
            if (options.TensorBoardPath is { } folder)
                logs.Add(new TensorBoardLog(FileIn(folder, new TrainingPaths(options.DestinationPath).Name, startedAt, options.Clock), options.Clock));
            return new(logs, events);
        }
        catch
        {
            logs.ForEach(log => log.Dispose());
            throw;
        }
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
