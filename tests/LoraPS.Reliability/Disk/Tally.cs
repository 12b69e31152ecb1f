using LoraPS.Engine.Runtime;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Disk;

/// <summary>What came of one kind of trouble for one kind of work.</summary>
/// <param name="trouble">What was wrong.</param>
/// <param name="name">The work.</param>
internal sealed class Tally(string trouble, string name)
{
    private readonly Dictionary<string, int> _refused = [];
    private readonly List<string> _failures = [];
    private int _tried;
    private int _finished;

    /// <summary>Tries the work in trouble, and once more without.</summary>
    /// <param name="job">The work.</param>
    /// <param name="mend">Ends the trouble.</param>
    public void Try(CrashJob job, Action mend)
    {
        var older = OutputFiles.Hashes(job.Output);
        var error = Attempt(job.Replace);
        var left = OutputFiles.Hashes(job.Output);
        Count(error);
        _failures.AddRange(left.Where(file => !job.IsWhole(file.Key, file.Value)).Select(file => $"{file.Key} is torn"));
        if (error is not null && job is MergingJob && !older.OrderBy(file => file.Key).SequenceEqual(left.OrderBy(file => file.Key)))
            _failures.Add("the older result is not what it was");
        mend();
        _failures.AddRange(OutputFiles.Leftovers(job.Output).Select(file => $"{file} is left"));
        if (Attempt(job.Finish) is { } again)
            _failures.Add($"the next run fails: {again}");
        else if (!OutputFiles.Hashes(job.Output).OrderBy(file => file.Key).SequenceEqual(job.Finished.OrderBy(file => file.Key)))
            _failures.Add("the next run ends with other files");
    }

    /// <summary>Counts an attempt that was made elsewhere.</summary>
    /// <param name="error">What it ended with; null for its end.</param>
    public void Count(Exception? error)
    {
        if (error is EngineException known)
        {
            CountRefusal(known.ErrorId);
            return;
        }

        _tried++;
        if (error is null)
            _finished++;
        else
            _failures.Add(error.ToString());
    }

    /// <summary>Counts an attempt that was refused.</summary>
    public void CountRefusal(string errorId)
    {
        _tried++;
        _refused[errorId] = _refused.GetValueOrDefault(errorId) + 1;
    }

    /// <summary>A promise that was broken.</summary>
    public void Fail(string failure) => _failures.Add(failure);

    /// <summary>Puts it into the table.</summary>
    public void AddTo(Counts counts)
    {
        counts.Add(trouble, name, _tried, _finished, _refused.Count == 0 ? "0" : string.Join(", ", _refused.Select(id => $"{id.Value} {id.Key}")), _failures.Count);
        counts.Failures.AddRange(_failures.Select(failure => $"{trouble}, {name}: {failure}"));
    }

    /// <summary>What work ends with.</summary>
    public static Exception? Attempt(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
