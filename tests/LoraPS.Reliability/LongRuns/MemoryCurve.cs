using TorchSharp;

namespace LoraPS.Reliability.LongRuns;

/// <summary>Memory and tensors over a long run.</summary>
/// <param name="work">What is run.</param>
/// <param name="interval">After how many times a sample is taken.</param>
internal sealed class MemoryCurve(string work, int interval)
{
    private readonly List<MemorySample> _samples = [];

    /// <summary>What is run.</summary>
    public string Work => work;

    /// <summary>All samples.</summary>
    public IReadOnlyList<MemorySample> Samples => _samples;

    /// <summary>Takes a sample if it is time to.</summary>
    /// <param name="at">Which step or merge it is, from 1.</param>
    public void Sample(int at)
    {
        if (at % interval == 0)
            _samples.Add(new(at, Environment.WorkingSet, DisposeScopeManager.Statistics.ThreadTotalLiveCount));
    }

    /// <summary>Puts it into the table; memory that grows, or tensors that become more, break the promise.</summary>
    public void AddTo(Counts counts, long mostGrowth)
    {
        var quarter = Math.Max(_samples.Count / 4, 1);
        var (second, last) = (Mean(_samples.Skip(quarter).Take(quarter)), Mean(_samples.TakeLast(quarter)));
        var (first, end) = (_samples[Math.Min(quarter, _samples.Count - 1)].Tensors, _samples[^1].Tensors);
        var failures = new List<string>();
        if (last - second > mostGrowth)
            failures.Add($"{work}: memory grew from {second / 1048576:0} to {last / 1048576:0} MiB");
        if (end > first)
            failures.Add($"{work}: tensors grew from {first} to {end}");
        counts.Add(work, _samples[^1].At, $"{first} to {end}", $"{second / 1048576:0.0} MiB", $"{last / 1048576:0.0} MiB", failures.Count);
        counts.Failures.AddRange(failures);
    }

    private static double Mean(IEnumerable<MemorySample> samples) => samples.Average(sample => (double)sample.Bytes);
}
