using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Disk;

/// <summary>Disks that are full or read-only, limits, and inputs that vanish: a clear error, older results untouched, nothing left.</summary>
internal static class DiskTrials
{
    private const int Size = 32;
    private const int Shares = 16;

    /// <summary>All of it.</summary>
    public static Counts Run() => Run(Shares, CrashJobs.Names, VanishedInputs.Kinds);

    /// <summary>Some of it.</summary>
    /// <param name="shares">How many sizes of free space are tried, from nothing to enough.</param>
    /// <param name="jobs">The kinds of work.</param>
    /// <param name="vanished">The kinds of work whose inputs vanish.</param>
    public static Counts Run(int shares, IReadOnlyList<string> jobs, IReadOnlyList<string> vanished)
    {
        string[] columns = ["Trouble", "Work", "Tried", "Finished all the same", "Refused, with the error id", "Broken promises"];
        var counts = SideBySide.Run(jobs, columns, (name, row) =>
        {
            OnSmallDisk(name, shares, row);
            QuotaTrial.Run(name, shares, row);
        });
        counts.Add(SideBySide.Run(vanished, columns, VanishedInputs.Run));
        return counts;
    }

    private static void OnSmallDisk(string name, int shares, Counts counts)
    {
        using var folder = new TemporaryFolder();
        var job = CrashJobs.Create(name, folder.Path);
        job.Prepare();
        Directory.CreateDirectory(job.Output);
        job.Learn();
        var needed = Length(job.Output);
        Directory.Delete(job.Output, recursive: true);
        using var disk = SmallDisk.Mount(job.Output, Size);
        if (disk is null)
            return;
        var full = new Tally("full disk", name);
        for (var share = 0; share < shares; share++)
        {
            Begin(job);
            // Beyond what is needed once, as some work writes more than it leaves.
            disk.LeaveFree(needed * share / (shares / 2));
            full.Try(job, disk.Free);
        }

        full.AddTo(counts);
        var readOnly = new Tally("read-only folder", name);
        Begin(job);
        disk.SetReadOnly(true);
        readOnly.Try(job, () => disk.SetReadOnly(false));
        readOnly.AddTo(counts);
    }

    private static void Begin(CrashJob job)
    {
        foreach (var entry in new DirectoryInfo(job.Output).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }

        if (job is MergingJob)
            job.Finish();
    }

    private static long Length(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(path => new FileInfo(path).Length);
}
