using System.Diagnostics;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>Tells how far the fetching of packages has come.</summary>
/// <param name="events">Is told.</param>
internal sealed class FetchProgress(IProgress<EngineEvent>? events)
{
    private readonly Stopwatch _clock = new();
    private string _package = "";
    private (int Place, int Count) _position;
    private long? _start;

    /// <summary>A package begins.</summary>
    /// <param name="package">Its id.</param>
    /// <param name="place">How many were before it.</param>
    /// <param name="count">How many there are, as far as is known.</param>
    public void Begin(string package, int place, int count)
    {
        (_package, _position, _start) = (package, (place, count), null);
        _clock.Restart();
        events?.Report(new ProgressEvent("Fetching libtorch", Status(""), (double)place / count));
    }

    /// <summary>More of the package is there.</summary>
    /// <param name="received">How many bytes there are.</param>
    /// <param name="size">How many there will be; null while unknown.</param>
    public void Report(long received, long? size)
    {
        _start ??= received;
        var share = size is > 0 ? (double)received / size.Value : 0;
        events?.Report(new ProgressEvent(
            "Fetching libtorch",
            Status(size is null ? $", {received >> 20} MiB" : $", {received >> 20} of {size >> 20} MiB"),
            (_position.Place + share) / _position.Count,
            // All packages are about equally large; only what came in this run counts for its speed.
            received > _start && size is > 0
                ? _clock.Elapsed * ((_position.Count - _position.Place - share) * size.Value / (received - _start.Value))
                : null));
    }

    private string Status(string amount) => $"{_package}{amount} ({_position.Place + 1} of {_position.Count} packages)";
}
