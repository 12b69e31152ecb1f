using LoraPS.Engine.Runtime;
using NuGet.Common;

namespace LoraPS.Installer;

/// <summary>What NuGet says, as events for those who ask for detail.</summary>
internal sealed class NuGetLog(IProgress<EngineEvent>? events) : LoggerBase
{
    /// <inheritdoc/>
    public override void Log(ILogMessage message) => events?.Report(new DetailEvent(message.Message));

    /// <inheritdoc/>
    public override Task LogAsync(ILogMessage message)
    {
        Log(message);
        return Task.CompletedTask;
    }
}
