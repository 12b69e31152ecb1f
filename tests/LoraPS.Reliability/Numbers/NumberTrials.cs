using LoraPS.Engine.Runtime;

namespace LoraPS.Reliability.Numbers;

/// <summary>NaN and infinite numbers, put in everywhere: found, named, and never in a result.</summary>
internal static class NumberTrials
{
    /// <summary>All of it.</summary>
    public static Counts Run()
    {
        var counts = new Counts("Where", "In", "Tried", "Found, with the error id", "Broken promises");
        BrokenMerges.Run(counts);
        BrokenTrainings.Run(counts);
        return counts;
    }

    /// <summary>Does work that must be refused by name.</summary>
    /// <param name="work">The work.</param>
    /// <param name="named">What the message must name.</param>
    /// <param name="found">Counts the error ids.</param>
    /// <param name="failures">Takes what is not as it should be.</param>
    public static void MustRefuse(Action work, string named, Dictionary<string, int> found, List<string> failures)
    {
        try
        {
            work();
            failures.Add($"{named} was not found");
        }
        catch (EngineException e)
        {
            found[e.ErrorId] = found.GetValueOrDefault(e.ErrorId) + 1;
            if (!e.Message.Contains(named, StringComparison.Ordinal))
                failures.Add($"{named} is not named: {e.Message}");
        }
        catch (Exception e)
        {
            failures.Add($"{named}: {e}");
        }
    }

    /// <summary>Puts a row into the table.</summary>
    public static void Add(Counts counts, string where, string what, int tried, Dictionary<string, int> found, List<string> failures)
    {
        counts.Add(where, what, tried, string.Join(", ", found.Select(id => $"{id.Value} {id.Key}")), failures.Count);
        counts.Failures.AddRange(failures.Select(failure => $"{where}, {what}: {failure}"));
    }
}
