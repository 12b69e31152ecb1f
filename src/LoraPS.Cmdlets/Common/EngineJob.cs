using System.Collections;
using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>A call of the engine that goes on in the background, as a job of the session.</summary>
/// <remarks>
/// The engine works on a thread of its own in this process, as it does for a command. Stop-Job waits until it has ended, so
/// that what a stopped training leaves behind is on the disk then.
/// </remarks>
internal sealed class EngineJob : Job, IRecordWriter
{
    /// <summary>How many progress records are kept for Receive-Job; nobody wants those of ten hours.</summary>
    private const int KeptProgress = 200;

    private readonly CancellationTokenSource _stop = new();
    private readonly Func<OperationCanceledException, string> _stopped;
    private readonly object? _target;
    private string _status = "";

    /// <summary>Makes a job that has not begun.</summary>
    /// <param name="command">The command line, for Get-Job.</param>
    /// <param name="noun">The noun of the command, which with a number is the job's name.</param>
    /// <param name="target">What errors are about.</param>
    /// <param name="stopped">What to say when the job was stopped.</param>
    public EngineJob(string command, string noun, object? target, Func<OperationCanceledException, string> stopped)
        : base(command)
    {
        (_target, _stopped) = (target, stopped);
        Name = $"{noun}{Id}";
        PSJobTypeName = "LoraJob";
    }

    /// <inheritdoc/>
    public override bool HasMoreData => Output.Count + Error.Count + Warning.Count + Verbose.Count + Progress.Count > 0;

    /// <inheritdoc/>
    public override string Location => Environment.MachineName;

    /// <summary>What was told last of how far the work is.</summary>
    public override string StatusMessage => _status;

    /// <summary>Begins the work.</summary>
    /// <param name="work">The engine's call. It gets the place for its events and the token that stops it.</param>
    /// <param name="resultIn">The object of an event that is a result, or null.</param>
    public void Begin<T>(Func<IProgress<EngineEvent>, CancellationToken, T> work, Func<EngineEvent, object?> resultIn)
    {
        SetJobState(JobState.Running);
        var events = new EventPresenter(this, resultIn);
        Task.Factory.StartNew(() => SetJobState(Work(work, events)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public override void StopJob()
    {
        // The worker itself disposes a job when its end makes a waiting Receive-Job remove it.
        if (JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped)
            return;
        _stop.Cancel();
        Finished.WaitOne();
    }

    /// <inheritdoc/>
    public void WriteObject(object sendToPipeline) => Output.Add(PSObject.AsPSObject(sendToPipeline));

    /// <inheritdoc/>
    public void WriteWarning(string text) => Warning.Add(new WarningRecord(text));

    /// <inheritdoc/>
    public void WriteVerbose(string text) => Verbose.Add(new VerboseRecord(text));

    /// <inheritdoc/>
    public void WriteProgress(ProgressRecord progressRecord)
    {
        _status = progressRecord.StatusDescription;
        Progress.Add(progressRecord);
        while (Progress.Count > KeptProgress)
            Progress.RemoveAt(0);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _stop.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Does the work. No exception may leave this thread: it would end the process.</summary>
    private JobState Work<T>(Func<IProgress<EngineEvent>, CancellationToken, T> work, EventPresenter events)
    {
        try
        {
            var result = work(events, _stop.Token);
            // A list is written one by one, as a command does.
            foreach (var item in result is IList list ? list : new object?[] { result })
            {
                if (item is not null)
                    WriteObject(item);
            }
            return JobState.Completed;
        }
        catch (OperationCanceledException e)
        {
            WriteWarning(_stopped(e));
            return JobState.Stopped;
        }
        catch (Exception e)
        {
            Error.Add(EngineErrors.ToErrorRecord(e, _target));
            return JobState.Failed;
        }
        finally
        {
            events.Complete();
        }
    }
}
