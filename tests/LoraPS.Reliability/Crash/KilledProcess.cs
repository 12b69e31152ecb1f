using System.Diagnostics;

namespace LoraPS.Reliability.Crash;

/// <summary>Starts a process and kills it (SIGKILL) at a random moment.</summary>
internal static class KilledProcess
{
    private const int MostChanges = 60;
    private const int MostSpins = 20_000;
    private const int Patience = 60_000;

    /// <summary>Starts this program as a child.</summary>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(KilledProcess).Assembly.Location, Program.Child, .. arguments]) { RedirectStandardOutput = true })!;

    /// <summary>Runs work in a process of its own until it is killed.</summary>
    /// <param name="name">The kind of work.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="random">Chooses the moment: in one of ten runs some time after its begin, in four some time after the first change in the output folder, in five after some changes there.</param>
    /// <param name="lifetime">About how long the work takes, milliseconds.</param>
    /// <returns>False if the work had ended before.</returns>
    public static bool Run(string name, string folder, string output, Random random, int lifetime)
    {
        var (moment, delay, changes, spins) = (random.Next(10), random.Next(lifetime), random.Next(1, MostChanges), random.Next(MostSpins));
        using var changed = new CountdownEvent(moment < 5 ? 1 : changes);
        using var watcher = Watch(output, changed);
        using var process = Start(name, folder);
        process.StandardOutput.ReadLine();
        if (moment > 0)
            Await(changed, process);
        if (moment < 5)
            Thread.Sleep(delay);
        Thread.SpinWait(spins);
        var wasAlive = !process.HasExited;
        process.Kill();
        process.WaitForExit();
        return wasAlive;
    }

    private static void Await(CountdownEvent changed, Process process)
    {
        for (var waited = 0; waited < Patience && !process.HasExited && !changed.Wait(10); waited += 10)
        {
        }
    }

    private static FileSystemWatcher Watch(string folder, CountdownEvent changed)
    {
        void Signal()
        {
            try
            {
                if (!changed.IsSet)
                    changed.Signal();
            }
            catch (InvalidOperationException)
            {
                // Two changes at once, and one was the last that counts.
            }
        }

        var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, InternalBufferSize = 1 << 16 };
        watcher.Created += (_, _) => Signal();
        watcher.Changed += (_, _) => Signal();
        watcher.Deleted += (_, _) => Signal();
        watcher.Renamed += (_, _) => Signal();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
