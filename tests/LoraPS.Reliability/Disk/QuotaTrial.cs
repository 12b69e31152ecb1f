using System.Diagnostics;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Disk;

/// <summary>A limit on the size of files (ulimit -f), which needs no root: the system refuses to write on in the middle of one.</summary>
internal static class QuotaTrial
{
    private const int Block = 512;
    private const int Refused = 3;

    /// <summary>Runs work in processes with ever larger limits.</summary>
    /// <param name="name">The work.</param>
    /// <param name="limits">How many.</param>
    /// <param name="counts">Takes the row.</param>
    public static void Run(string name, int limits, Counts counts)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        var job = CrashJobs.Create(name, folder.Path);
        job.Prepare();
        job.Reset(isNew: true);
        job.Learn();
        var largest = job.Finished.Keys.Max(file => new FileInfo(Path.Combine(job.Output, file)).Length);
        var tally = new Tally("limit on files", name);
        for (var i = 0; i < Math.Max(limits / 4, 1); i++)
        {
            job.Reset(isNew: false);
            var older = OutputFiles.Hashes(job.Output);
            Try(name, folder.Path, largest * i / Math.Max(limits / 4, 1) / Block, tally);
            if (job is MergingJob && !older.OrderBy(file => file.Key).SequenceEqual(OutputFiles.Hashes(job.Output).OrderBy(file => file.Key)))
                tally.Fail("the older result is not what it was");
            foreach (var left in OutputFiles.Leftovers(job.Output))
                tally.Fail($"{left} is left");
        }

        tally.AddTo(counts);
    }

    /// <summary>Entry of the child: the work once.</summary>
    public static int Run(string[] arguments)
    {
        try
        {
            CrashJobs.Create(arguments[0], arguments[1]).Replace();
            return 0;
        }
        catch (EngineException e)
        {
            Console.WriteLine(e.ErrorId);
            return Refused;
        }
    }

    private static void Try(string name, string folder, long blocks, Tally tally)
    {
        // The signal that would end the process is ignored, so that writing fails as it does with a quota; the runtime
        // itself keeps its code in a file without this setting.
        var start = new ProcessStartInfo("sh", ["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", $"{blocks}", "dotnet", typeof(QuotaTrial).Assembly.Location, Program.Child, "once", name, folder])
        {
            RedirectStandardOutput = true, Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode == Refused)
            tally.CountRefusal(said);
        else if (process.ExitCode == 0)
            tally.Count(null as Exception);
        else
            tally.Fail($"with {blocks} blocks the process ended with {process.ExitCode}");
    }
}
