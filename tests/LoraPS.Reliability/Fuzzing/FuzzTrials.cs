using System.Text.Json;
using LoraPS.Engine.Tests;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>All targets with all their inputs, each target in a process of its own.</summary>
internal static class FuzzTrials
{
    private const int Batch = 20_000;
    private const int Patience = 240_000;

    /// <summary>Fuzzes.</summary>
    /// <param name="scale">Share of the inputs of a full run.</param>
    /// <param name="seed">Of the inputs.</param>
    public static Counts Run(double scale, int seed) => SideBySide.Run(
        FuzzTargets.All,
        ["Input", "Tried", "Read", "Refused", "Longest", "Most allocated", "Processes ended", "Broken promises"],
        (target, counts) => Run(target, (int)(target.Inputs * scale), seed, counts));

    private static void Run(FuzzTarget target, int inputs, int seed, Counts counts)
    {
        var (results, crashes, failed) = (new List<FuzzResult>(), 0, counts.Failures.Count);
        for (var first = 0; first < inputs;)
        {
            var count = Math.Min(Batch, inputs - first);
            if (RunChild(target.Name, seed, first, count, out var at) is { } result)
            {
                results.Add(result);
                first += count;
                continue;
            }

            crashes++;
            counts.Failures.Add($"{target.Name}, seed {seed}, input {at} ended the process or held it up.");
            first = at + 1;
        }

        counts.Failures.AddRange(results.SelectMany(result => result.Failures));
        if (results.Sum(result => result.NetworkUses) is > 0 and var uses)
            counts.Failures.Add($"{target.Name}: the network was used {uses} times.");
        counts.Add(
            target.Name, results.Sum(result => result.Read + result.Refused), results.Sum(result => result.Read), results.Sum(result => result.Refused),
            $"{results.Max(result => result.LongestMilliseconds):0} ms", $"{results.Max(result => result.MostMemory) / 1048576.0:0.0} MiB", crashes, counts.Failures.Count - failed);
    }

    private static FuzzResult? RunChild(string target, int seed, int first, int count, out int at)
    {
        using var folder = new TemporaryFolder();
        var progress = folder.File("at");
        File.WriteAllBytes(progress, BitConverter.GetBytes(first));
        using var process = KilledProcess.Start("fuzz", target, $"{seed}", $"{first}", $"{count}", progress);
        var output = process.StandardOutput.ReadToEndAsync();
        at = -1;
        while (!process.WaitForExit(Patience))
        {
            // Nothing has come on since the last look.
            if (At(progress) == at)
                process.Kill();
            at = At(progress);
        }

        at = At(progress);
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<FuzzResult>(output.GetAwaiter().GetResult()) : null;
    }

    private static int At(string progress)
    {
        using var file = new FileStream(progress, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> number = stackalloc byte[sizeof(int)];
        file.ReadExactly(number);
        return BitConverter.ToInt32(number);
    }
}
