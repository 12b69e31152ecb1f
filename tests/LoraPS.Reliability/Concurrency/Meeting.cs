using LoraPS.Engine.Runtime;

namespace LoraPS.Reliability.Concurrency;

/// <summary>Runs that begin at the same moment, each on a thread of its own.</summary>
/// <param name="name">What meets.</param>
internal sealed class Meeting(string name)
{
    private readonly Dictionary<string, int> _refused = [];
    private readonly List<string> _failures = [];
    private int _runs;
    private int _finished;

    /// <summary>Runs all of them.</summary>
    /// <returns>How many finished; the others were refused.</returns>
    public int Run(IReadOnlyList<Action> works)
    {
        using var start = new Barrier(works.Count);
        var errors = new Exception?[works.Count];
        var threads = works.Select((work, i) => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work();
            }
            catch (Exception e)
            {
                errors[i] = e;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        foreach (var error in errors.OfType<Exception>())
        {
            if (error is EngineException { ErrorId: "DestinationInUse" or "DestinationExists" } known)
                _refused[known.ErrorId] = _refused.GetValueOrDefault(known.ErrorId) + 1;
            else
                _failures.Add(error.ToString());
        }

        var finished = errors.Count(error => error is null);
        (_runs, _finished) = (_runs + works.Count, _finished + finished);
        if (finished == 0)
            _failures.Add("none finished");
        return finished;
    }

    /// <summary>Takes what is not as it should be.</summary>
    public void Check(IEnumerable<string> failures) => _failures.AddRange(failures);

    /// <summary>Puts it into the table.</summary>
    public void AddTo(Counts counts, int rounds)
    {
        counts.Add(name, rounds, _runs, _finished, _refused.Count == 0 ? "0" : string.Join(", ", _refused.Select(id => $"{id.Value} {id.Key}")), _failures.Count);
        counts.Failures.AddRange(_failures.Distinct().Select(failure => $"{name}: {failure}"));
    }
}
