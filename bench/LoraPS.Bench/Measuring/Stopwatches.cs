using System.Diagnostics;

namespace LoraPS.Bench.Measuring;

/// <summary>Times of repeated work.</summary>
public static class Stopwatches
{
    /// <summary>How long something takes, each time it is done.</summary>
    public static IReadOnlyList<TimeSpan> Times(int runs, Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return [.. Enumerable.Range(0, runs).Select(_ => Time(work))];
    }

    /// <summary>How long something takes at best.</summary>
    public static TimeSpan Best(int runs, Action work) => Times(runs, work).Min();

    /// <summary>How long something takes once.</summary>
    public static TimeSpan Time(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>What all threads of this process have computed so far: unlike the clock, hardly longer on a busy machine.</summary>
    public static TimeSpan ProcessorTime => Environment.CpuUsage.TotalTime;

    /// <summary>The middle one; the mean of the two in the middle of an even number.</summary>
    public static TimeSpan Median(this IEnumerable<TimeSpan> times)
    {
        var ordered = times.Order().ToList();
        return (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
    }
}
