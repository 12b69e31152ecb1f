using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Logging;

/// <summary>A file in which the events of a run are written down as they come.</summary>
/// <remarks>A log that can no longer be written, on a full disk say, is given up with a warning: it must not cost the run.</remarks>
/// <param name="path">The file; what is there already stays.</param>
internal abstract class RunLog(string path) : IDisposable
{
    private FileStream? _stream = Open(Path.GetFullPath(path));

    /// <summary>Writes an event down, if it is one that is.</summary>
    /// <param name="value">The event.</param>
    /// <returns>A warning when the log had to be given up.</returns>
    public WarningEvent? Write(EngineEvent value)
    {
        try
        {
            if (_stream is not null && Format(value) is { Length: > 0 } bytes)
            {
                _stream.Write(bytes);
                _stream.Flush();
            }

            return null;
        }
        catch (IOException e)
        {
            var name = _stream!.Name;
            _stream = null;
            return new WarningEvent("LogGivenUp", $"{name} can no longer be written and is given up: {e.Message} The training goes on.", name);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    /// <summary>The bytes of an event; none for one that is not written.</summary>
    protected abstract byte[] Format(EngineEvent value);

    private static FileStream Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(path, e);
        }
    }
}
