using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>The process that tries inputs, and tells in a file which one it is at, so that an input that ends it is known.</summary>
internal static class FuzzChild
{
    /// <summary>Entry.</summary>
    /// <param name="arguments">Target, seed, first input, inputs, file of progress.</param>
    public static int Run(string[] arguments)
    {
        var (target, seed, first, count) = (FuzzTargets.Find(arguments[0]), Number(arguments[1]), Number(arguments[2]), Number(arguments[3]));
        using var network = new NetworkWatch();
        using var progress = MemoryMappedFile.CreateFromFile(arguments[4], FileMode.Open, null, sizeof(int));
        using var at = progress.CreateViewAccessor();
        using var session = new FuzzSession(target, seed);
        for (var index = first; index < first + count; index++)
        {
            at.Write(0, index);
            session.Try(index);
        }

        var result = new FuzzResult(
            session.Read, session.Refused, session.Longest.TotalMilliseconds, session.MostMemory, network.Uses, Environment.WorkingSet, session.Failures);
        Console.WriteLine(JsonSerializer.Serialize(result));
        return 0;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
