using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Reckons how long an activity still takes, where the engine does not say it: as long a share as it took so far.</summary>
/// <param name="clock">Tells the time.</param>
internal sealed class ProgressEstimate(TimeProvider clock)
{
    private string? _activity;
    private long _beganAt;
    private double _beganWith;

    /// <summary>Time left, or null while nothing can be said.</summary>
    public TimeSpan? Remaining(ProgressEvent progress)
    {
        // An activity that falls back has begun anew.
        if (_activity != progress.Activity || progress.Fraction < _beganWith)
            (_activity, _beganAt, _beganWith) = (progress.Activity, clock.GetTimestamp(), progress.Fraction);
        if (progress.Remaining is not null)
            return progress.Remaining;
        var done = progress.Fraction - _beganWith;
        return done > 0 ? clock.GetElapsedTime(_beganAt) * ((1 - Math.Min(1, progress.Fraction)) / done) : null;
    }
}
