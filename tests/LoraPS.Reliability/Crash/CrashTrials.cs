using System.Diagnostics;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Crash;

/// <summary>kill -9 at random moments: whole files, runs that can be taken up, and nothing left after the next one.</summary>
internal static class CrashTrials
{
    private const int Lifetime = 400;

    /// <summary>Kills each kind of work.</summary>
    /// <param name="kills">How often, each.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="names">The kinds; all when none.</param>
    public static Counts Run(int kills, int seed, params string[] names) => SideBySide.Run(
        names.Length == 0 ? CrashJobs.Names : names,
        ["Work", "Kills", "in the middle of a file", "before the first result", "between results", "Broken promises"],
        (name, counts) => Run(name, kills, new Random(seed), counts));

    private static void Run(string name, int kills, Random random, Counts counts)
    {
        using var folder = new TemporaryFolder();
        var job = CrashJobs.Create(name, folder.Path);
        job.Prepare();
        job.Reset(isNew: true);
        job.Learn();
        var clock = Stopwatch.StartNew();
        job.Reset(isNew: true);
        job.Finish();
        var lifetime = job is MergingJob ? Lifetime : (int)clock.ElapsedMilliseconds;
        var (inFile, before, between, failed) = (0, 0, 0, counts.Failures.Count);
        for (var kill = 0; kill < kills;)
        {
            job.Reset(isNew: kill % 2 == 0);
            var older = OutputFiles.Hashes(job.Output);
            if (!KilledProcess.Run(name, folder.Path, job.Output, random, lifetime))
                continue;
            kill++;
            _ = OutputFiles.Leftovers(job.Output).Exists(left => !left.EndsWith(".lock", StringComparison.Ordinal)) ? inFile++
                : OutputFiles.Hashes(job.Output).Count == 0 ? before++ : between++;
            foreach (var broken in Broken(job, older))
                counts.Failures.Add($"{name}, kill {kill}: {broken}");
        }

        counts.Add(name, kills, inFile, before, between, counts.Failures.Count - failed);
    }

    /// <summary>Looks at what a kill left, and at what the next run makes of it.</summary>
    private static List<string> Broken(CrashJob job, Dictionary<string, string> older)
    {
        var broken = new List<string>();
        try
        {
            var left = OutputFiles.Hashes(job.Output);
            broken.AddRange(left.Where(file => !job.IsWhole(file.Key, file.Value)).Select(file => $"{file.Key} is torn"));
            if (job is MergingJob)
                broken.AddRange(older.Keys.Except(left.Keys).Select(file => $"the older {file} is lost"));
            job.Finish();
            var finished = OutputFiles.Hashes(job.Output);
            if (!finished.OrderBy(file => file.Key).SequenceEqual(job.Finished.OrderBy(file => file.Key)))
                broken.Add($"the next run ends with other files: {string.Join(", ", finished.Except(job.Finished).Concat(job.Finished.Except(finished)).Select(file => file.Key).Distinct())}");
            broken.AddRange(OutputFiles.Leftovers(job.Output).Select(file => $"{file} is left after the next run"));
        }
        catch (Exception e)
        {
            broken.Add(e.ToString());
        }

        return broken;
    }
}
