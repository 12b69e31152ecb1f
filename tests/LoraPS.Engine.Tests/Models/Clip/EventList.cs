using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Models.Clip;

/// <summary>Keeps events in the order they are told, on the thread that tells them.</summary>
internal sealed class EventList : List<EngineEvent>, IProgress<EngineEvent>
{
    public void Report(EngineEvent value) => Add(value);
}
