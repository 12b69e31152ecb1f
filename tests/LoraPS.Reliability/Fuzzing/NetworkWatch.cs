using System.Diagnostics.Tracing;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>Counts what the process does on the network: look-ups of names, sockets, requests.</summary>
internal sealed class NetworkWatch : EventListener
{
    private int _uses;

    /// <summary>How often it was used.</summary>
    public int Uses => _uses;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name is "System.Net.Sockets" or "System.Net.NameResolution" or "System.Net.Http")
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName is "ConnectStart" or "ResolutionStart" or "RequestStart" or "AcceptStart")
            Interlocked.Increment(ref _uses);
    }
}
