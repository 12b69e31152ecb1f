using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Turns the engine's events into records of PowerShell's streams.</summary>
/// <param name="writer">Where the records go.</param>
/// <param name="resultIn">The object of an event that is a result, or null.</param>
internal sealed class EventPresenter(IRecordWriter writer, Func<EngineEvent, object?> resultIn) : IProgress<EngineEvent>
{
    private readonly ProgressPresenter _progress = new(writer.WriteProgress, TimeProvider.System);

    /// <inheritdoc/>
    public void Report(EngineEvent value)
    {
        if (resultIn(value) is { } result)
            writer.WriteObject(result);
        switch (value)
        {
            case ProgressEvent step:
                _progress.Show(step);
                break;
            case WarningEvent warning:
                writer.WriteWarning(warning.Message);
                break;
            case DetailEvent detail:
                writer.WriteVerbose(detail.Message);
                break;
        }
    }

    /// <summary>Takes the progress bars away.</summary>
    public void Complete() => _progress.Complete();
}
