using System.Collections.Concurrent;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>The worker's end of the queue of events.</summary>
/// <param name="events">The queue.</param>
/// <param name="stop">Cancelled when nobody reads the queue any more.</param>
internal sealed class EventQueue(BlockingCollection<EngineEvent> events, CancellationToken stop) : IProgress<EngineEvent>
{
    /// <summary>Hands an event over; waits while the queue is full.</summary>
    /// <remarks>After a stop events are dropped, never an exception thrown: the engine may be saving its state.</remarks>
    public void Report(EngineEvent value)
    {
        try
        {
            events.Add(value, stop);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
