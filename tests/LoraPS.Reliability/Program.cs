using System.Globalization;
using LoraPS.Reliability.Concurrency;
using LoraPS.Reliability.Crash;
using LoraPS.Reliability.Disk;
using LoraPS.Reliability.Fuzzing;
using LoraPS.Reliability.LongRuns;
using LoraPS.Reliability.Numbers;

namespace LoraPS.Reliability;

/// <summary>All trials in full, and the counts of docs/reliability.md.</summary>
/// <remarks>
/// <c>dotnet run -c Release --project tests/LoraPS.Reliability</c> runs all and writes the counts into the document;
/// <c>-- crash fuzz</c> runs parts, and <c>-- fuzz 0.01</c> a share of one, without writing. <c>dotnet test</c> runs a short version of each.
/// </remarks>
internal static class Program
{
    /// <summary>What a child process is asked with.</summary>
    public const string Child = "child";

    private const int Seed = 7;

    private static readonly (string Name, Func<double, Counts> Run)[] Parts =
    [
        ("numbers", _ => NumberTrials.Run()),
        ("disk", _ => DiskTrials.Run()),
        ("concurrency", share => ConcurrencyTrials.Run((int)(100 * share))),
        ("fuzz", share => FuzzTrials.Run(share, Seed)),
        ("crash", share => CrashTrials.Run((int)(36 * share), Seed)),
        ("long", share => LongRunTrials.Run((int)(4000 * share), (int)(3000 * share), plot: share == 1)),
    ];

    public static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (arguments is [Child, "fuzz", .. var fuzz])
            return FuzzChild.Run(fuzz);
        if (arguments is [Child, "once", .. var once])
            return QuotaTrial.Run(once);
        if (arguments is [Child, .. var job])
            return CrashJobs.Run(job);
        var share = arguments.Length > 0 && double.TryParse(arguments[^1], out var given) ? given : 1;
        var failed = 0;
        foreach (var (name, run) in Parts.Where(part => arguments.All(argument => char.IsAsciiDigit(argument[0])) || arguments.Contains(part.Name)))
        {
            var counts = run(share);
            Console.WriteLine($"{name}\n\n{counts.ToMarkdown()}\n");
            if (share == 1)
                ReliabilityPage.Write(name, counts);
            failed += counts.Failures.Count;
        }

        return failed == 0 ? 0 : 1;
    }
}
