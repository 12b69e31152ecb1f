namespace LoraPS.Reliability;

/// <summary>Trials that have nothing to do with each other, run at the same time; their rows stay in order.</summary>
internal static class SideBySide
{
    /// <summary>Runs all and joins their counts.</summary>
    /// <param name="names">What is tried.</param>
    /// <param name="columns">Heads of the table.</param>
    /// <param name="run">Tries one and adds its row.</param>
    public static Counts Run<T>(IReadOnlyList<T> names, string[] columns, Action<T, Counts> run)
    {
        var parts = names.Select(_ => new Counts(columns)).ToList();
        // Each on a thread of its own: they wait for processes most of the time.
        var threads = names.Select((name, i) => new Thread(() => Guard(parts[i], () => run(name, parts[i])))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var all = new Counts(columns);
        parts.ForEach(all.Add);
        return all;
    }

    private static void Guard(Counts counts, Action run)
    {
        try
        {
            run();
        }
        catch (Exception e)
        {
            counts.Failures.Add(e.ToString());
        }
    }
}
