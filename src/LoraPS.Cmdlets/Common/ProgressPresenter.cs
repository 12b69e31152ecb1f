using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Turns the engine's progress into PowerShell's progress bars: one for the work, one below it for the part it is at.</summary>
/// <remarks>In no second more than five records are written; what comes too soon after the last one is passed over.</remarks>
/// <param name="show">Writes a record.</param>
/// <param name="clock">Tells the time.</param>
public sealed class ProgressPresenter(Action<ProgressRecord> show, TimeProvider clock)
{
    private const int ActivityId = 1;
    private const int PartId = 2;
    private const int RecordsPerSecond = 5;

    private readonly Queue<long> _written = [];
    private readonly ProgressEstimate _whole = new(clock), _part = new(clock);
    private ProgressEvent? _last;
    private string? _partActivity;
    private bool _isShown;
    private long? _lastShown;

    /// <summary>Shows an event, unless the last one is too short a time ago.</summary>
    public void Show(ProgressEvent progress)
    {
        _last = progress;
        var (left, partLeft) = (_whole.Remaining(progress), progress.Part is { } part ? _part.Remaining(part) : null);
        var records = new List<ProgressRecord>();
        if (_partActivity is not null && progress.Part is null)
            records.Add(Completed(PartId, _partActivity, "Done"));
        records.Add(Record(ActivityId, progress, left));
        if (progress.Part is not null)
            records.Add(Record(PartId, progress.Part, partLeft));
        if (!MayWrite(records.Count))
            return;
        (_isShown, _partActivity) = (true, progress.Part?.Activity);
        foreach (var record in records)
        {
            _written.Enqueue(clock.GetTimestamp());
            show(record);
        }
    }

    /// <summary>Takes the bars away, if any were shown, with what was told last.</summary>
    public void Complete()
    {
        if (_partActivity is not null)
            show(Completed(PartId, _partActivity, "Done"));
        if (_isShown)
            show(Completed(ActivityId, _last!.Activity, _last.Status));
        (_isShown, _partActivity) = (false, null);
    }

    private bool MayWrite(int count)
    {
        while (_written.TryPeek(out var oldest) && clock.GetElapsedTime(oldest) >= TimeSpan.FromSeconds(1))
            _written.Dequeue();
        // Evenly, not all at once.
        if (_written.Count + count > RecordsPerSecond || (_lastShown is { } last && clock.GetElapsedTime(last) < TimeSpan.FromSeconds((double)count / RecordsPerSecond)))
            return false;
        _lastShown = clock.GetTimestamp();
        return true;
    }

    private static ProgressRecord Record(int id, ProgressEvent progress, TimeSpan? left) => new(id, progress.Activity, progress.Status)
    {
        ParentActivityId = id == PartId ? ActivityId : -1,
        PercentComplete = (int)(100 * Math.Clamp(progress.Fraction, 0, 1)),
        SecondsRemaining = left is { } time ? (int)Math.Ceiling(time.TotalSeconds) : -1,
    };

    private static ProgressRecord Completed(int id, string activity, string status) => new(id, activity, status)
    {
        ParentActivityId = id == PartId ? ActivityId : -1,
        RecordType = ProgressRecordType.Completed,
    };
}
