using System.Collections.Concurrent;
using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that compute: the engine works on a thread of its own while the pipeline's thread shows how far it is.</summary>
/// <remarks>
/// One dedicated thread a run, because the engine's dispose scopes and libtorch's autograd mode belong to a thread. Only the
/// pipeline's thread may write, so the worker hands its events over in a queue. However the run ends, the worker has ended
/// before the command does.
/// </remarks>
public abstract class WorkerCmdlet : EngineCmdlet, IDisposable
{
    private const int QueueLength = 256;

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Runs work of the engine to its end and shows its events meanwhile.</summary>
    /// <param name="activity">What the progress bar says is being done.</param>
    /// <param name="work">The engine's call. It gets the place for its events and the token that stops it.</param>
    /// <returns>What the work returns.</returns>
    /// <exception cref="OperationCanceledException">The pipeline was stopped, and the work with it.</exception>
    protected T RunOnWorker<T>(string activity, Func<IProgress<EngineEvent>, CancellationToken, T> work)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var events = new BlockingCollection<EngineEvent>(QueueLength);
        var worker = Task.Factory.StartNew(() => Work(work, events, run.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Show(events, new ProgressPresenter(this, activity));
            return worker.GetAwaiter().GetResult();
        }
        catch (PipelineStoppedException)
        {
            // The worker's own end tells more, such as where a stopped training left its state.
            run.Cancel();
            return worker.GetAwaiter().GetResult();
        }
        finally
        {
            run.Cancel();
            Task.WaitAny(worker);
        }
    }

    /// <summary>Turns an event that only this command knows into one that every command shows.</summary>
    /// <param name="engineEvent">The event.</param>
    protected virtual EngineEvent Translate(EngineEvent engineEvent) => engineEvent;

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended by itself at the same moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    private static T Work<T>(Func<IProgress<EngineEvent>, CancellationToken, T> work, BlockingCollection<EngineEvent> events, CancellationToken stop)
    {
        try
        {
            return work(new EventQueue(events, stop), stop);
        }
        finally
        {
            events.CompleteAdding();
        }
    }

    private void Show(BlockingCollection<EngineEvent> events, ProgressPresenter progress)
    {
        foreach (var engineEvent in events.GetConsumingEnumerable())
        {
            switch (Translate(engineEvent))
            {
                case ProgressEvent step:
                    progress.Show(step);
                    break;
                case WarningEvent warning:
                    WriteWarning(warning.Message);
                    break;
                case DetailEvent detail:
                    WriteVerbose(detail.Message);
                    break;
            }
        }

        progress.Complete();
    }
}
