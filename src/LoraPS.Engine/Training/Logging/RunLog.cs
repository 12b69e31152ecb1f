using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Logging;

/// <summary>A file in which the events of a run are written down as they come.</summary>
/// <remarks>A log that can no longer be written, on a full disk say, is given up with a warning: it must not cost the run.</remarks>
/// <param name="stream">Where it goes; owned.</param>
internal abstract class RunLog(Stream stream) : IDisposable
{
    private Stream? _stream = stream;

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
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            var name = (_stream as FileStream)?.Name ?? "The log";
            _stream = null;
            return new WarningEvent("LogGivenUp", $"{name} can no longer be written and is given up: {e.Message} The training goes on.", name);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    /// <summary>The bytes of an event; none for one that is not written.</summary>
    protected abstract byte[] Format(EngineEvent value);

    /// <summary>Opens a file; what is there already stays.</summary>
    /// <exception cref="WriteFailedException">It cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            return new FileStream(full, FileMode.Append, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(full, e);
        }
    }
}
