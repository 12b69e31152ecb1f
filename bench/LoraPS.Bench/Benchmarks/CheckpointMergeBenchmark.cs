using System.Diagnostics;
using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Merging;
using LoraPS.ModelMaker;

namespace LoraPS.Bench.Benchmarks;

/// <summary>Merging a LoRA into a full-size checkpoint against copying that file.</summary>
/// <remarks>
/// The merge flushes its file to the disk before it renames it, so the fair comparison is a copy that is flushed too
/// (cp, then sync of the file); the plain cp, which leaves the bytes in the system's cache, is told as well. All three take
/// turns in the same run, with the inputs in the cache.
/// </remarks>
public sealed class CheckpointMergeBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "checkpoint-merge";

    /// <inheritdoc/>
    public string Summary => "a LoRA into a float16 checkpoint, against cp [--rank 64] [--runs 5]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["rank", "runs"], []);
        var (checkpoint, lora) = (ArtifactFiles.Checkpoint(), ArtifactFiles.Lora(line.Number("rank", 64)));
        var (merged, copied) = (Path.Combine(ArtifactFiles.Folder, "merged.safetensors"), Path.Combine(ArtifactFiles.Folder, "copied.safetensors"));
        ProcessMemory.ResetPeak();

        var (merge, copy, flushedCopy, processor) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>());
        for (var run = 0; run <= line.Number("runs", 5); run++)
        {
            copy.Add(Alone(copied, () => Shell("cp", checkpoint, copied)));
            flushedCopy.Add(Alone(copied, () =>
            {
                Shell("cp", checkpoint, copied);
                Shell("sync", copied);
            }));
            var before = Stopwatches.ProcessorTime;
            merge.Add(Alone(merged, () => CheckpointFuser.Merge(checkpoint, [new LoraSource(lora, 0.8)], merged, new())));
            processor.Add(Stopwatches.ProcessorTime - before);
        }

        // The first round is not counted: it brings the inputs into the cache.
        Console.WriteLine(FormattableString.Invariant($"checkpoint     {new FileInfo(checkpoint).Length / 1e9:0.00} GB"));
        Print("cp", copy, copy);
        Print("cp and sync", flushedCopy, copy);
        Print("merge", merge, copy);
        Console.WriteLine(FormattableString.Invariant($"merge is {Ratio(merge, flushedCopy):0.00} times cp and sync; {processor.Skip(1).Median().TotalSeconds:0.00} s of processor time; peak memory {ProcessMemory.PeakGigabytes():0.00} GB"));
        return 0;
    }

    private static TimeSpan Alone(string result, Action work)
    {
        File.Delete(result);
        // What earlier rounds left to be written must not slow this one down.
        Shell("sync");
        var time = Stopwatches.Time(work);
        File.Delete(result);
        return time;
    }

    private static void Print(string what, List<TimeSpan> times, List<TimeSpan> copy) => Console.WriteLine(FormattableString.Invariant(
        $"{what,-14} {times.Skip(1).Median().TotalSeconds:0.00} s (median of {times.Count - 1}, best {times.Skip(1).Min().TotalSeconds:0.00} s), {Ratio(times, copy):0.00} times cp"));

    private static double Ratio(List<TimeSpan> times, List<TimeSpan> others) => times.Skip(1).Median() / others.Skip(1).Median();

    private static void Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new IOException($"{program} ended with {process.ExitCode}.");
    }
}
