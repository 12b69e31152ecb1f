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
public abstract class WorkerCmdlet : EngineCmdlet, IRecordWriter, IDisposable
{
    private const int QueueLength = 256;

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Runs work of the engine to its end and shows its events meanwhile.</summary>
    /// <param name="work">The engine's call. It gets the place for its events and the token that stops it.</param>
    /// <returns>What the work returns.</returns>
    /// <exception cref="OperationCanceledException">The pipeline was stopped, and the work with it.</exception>
    protected T RunOnWorker<T>(Func<IProgress<EngineEvent>, CancellationToken, T> work)
    {
        using var run = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var events = new BlockingCollection<EngineEvent>(QueueLength);
        var worker = Task.Factory.StartNew(() => Work(work, events, run.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Show(events);
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

    /// <summary>Runs work of the engine and writes what it returns, a list one by one, or begins a job that does and writes the job.</summary>
    /// <param name="work">The engine's call.</param>
    /// <param name="asJob">Whether to make a job.</param>
    /// <param name="target">What errors of a job are about.</param>
    /// <exception cref="OperationCanceledException">The pipeline was stopped, and the work with it.</exception>
    protected void WriteResult<T>(Func<IProgress<EngineEvent>, CancellationToken, T> work, bool asJob, object? target)
    {
        if (!asJob)
        {
            WriteObject(RunOnWorker(work), enumerateCollection: true);
            return;
        }

        var job = new EngineJob(MyInvocation.Line.Trim(), MyInvocation.MyCommand.Name.Split('-')[^1], target, Stopped);
        JobRepository.Add(job);
        job.Begin(work, ResultIn);
        WriteObject(job);
    }

    /// <summary>The object of an event that is a result of this command, or null.</summary>
    /// <param name="engineEvent">The event.</param>
    protected virtual object? ResultIn(EngineEvent engineEvent) => null;

    /// <summary>What to say when the work was stopped.</summary>
    /// <param name="exception">How it ended.</param>
    protected virtual string Stopped(OperationCanceledException exception) => "The work was stopped.";

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

    private void Show(BlockingCollection<EngineEvent> events)
    {
        var presenter = new EventPresenter(this, ResultIn);
        foreach (var engineEvent in events.GetConsumingEnumerable())
            presenter.Report(engineEvent);
        presenter.Complete();
    }
}
