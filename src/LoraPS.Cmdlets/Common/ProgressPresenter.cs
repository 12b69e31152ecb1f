using System.Diagnostics;
using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Shows the engine's progress as PowerShell's progress bar, at most five times a second.</summary>
/// <param name="cmdlet">The command that shows it.</param>
/// <param name="activity">What is being done, while no event says it more exactly.</param>
internal sealed class ProgressPresenter(Cmdlet cmdlet, string activity)
{
    private const int ActivityId = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private string _activity = activity;
    private long? _lastShown;

    /// <summary>Shows an event, unless the last one is too short a time ago. A new activity is always shown.</summary>
    public void Show(ProgressEvent progress)
    {
        if (_activity == progress.Activity && _lastShown is { } last && Stopwatch.GetElapsedTime(last) < Interval)
            return;
        (_activity, _lastShown) = (progress.Activity, Stopwatch.GetTimestamp());
        cmdlet.WriteProgress(new ProgressRecord(ActivityId, _activity, progress.Status)
        {
            PercentComplete = (int)(100 * Math.Clamp(progress.Fraction, 0, 1)),
            SecondsRemaining = progress.Remaining is { } left ? (int)Math.Ceiling(left.TotalSeconds) : -1,
        });
    }

    /// <summary>Takes the bar away, if one was shown.</summary>
    public void Complete()
    {
        if (_lastShown is not null)
            cmdlet.WriteProgress(new ProgressRecord(ActivityId, _activity, "Done") { RecordType = ProgressRecordType.Completed });
    }
}
