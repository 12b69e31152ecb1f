using System.Diagnostics;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing;

/// <summary>Gives a target one input after the other and holds it to its promises.</summary>
/// <param name="target">The target.</param>
/// <param name="seed">Of the inputs: the same one gives the same inputs.</param>
internal sealed class FuzzSession(FuzzTarget target, int seed) : IDisposable
{
    /// <summary>Most time an input may take; far more than any does, so that a busy machine changes nothing.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(60);

    private const long MostAllocatedPerByte = 512;
    private const string Memory = "/dev/shm";

    private readonly DirectoryInfo _folder = Directory.Exists(Memory) ? Directory.CreateDirectory(Path.Combine(Memory, $"loraps-fuzz-{Path.GetRandomFileName()}")) : Directory.CreateTempSubdirectory("loraps-fuzz-");
    private int _left;

    /// <summary>Inputs that were read.</summary>
    public int Read { get; private set; }

    /// <summary>Inputs that were refused with an error of the engine.</summary>
    public int Refused { get; private set; }

    /// <summary>The longest an input took.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>The most an input allocated, bytes.</summary>
    public long MostMemory { get; private set; }

    /// <summary>Promises that were broken.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>One input of the seed.</summary>
    public byte[] Make(int index) => target.Make(new Random(unchecked((seed * 1_000_003) + index)));

    /// <summary>Tries one input.</summary>
    /// <param name="index">Which of the seed's.</param>
    public void Try(int index) => Try(Make(index), $"{target.Name}, seed {seed}, input {index}");

    /// <summary>Tries an input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="name">Named in failures.</param>
    public void Try(byte[] input, string name)
    {
        var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        try
        {
            target.Try(input, _folder.FullName);
            Read++;
        }
        catch (EngineException)
        {
            Refused++;
        }
        catch (Exception e)
        {
            Failures.Add($"{name}: {e}");
        }

        var (time, memory) = (Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - before);
        (Longest, MostMemory) = (time > Longest ? time : Longest, Math.Max(memory, MostMemory));
        if (time > MostTime)
            Failures.Add($"{name} took {time.TotalSeconds:0.0} s.");
        if (memory > target.MostAllocated + (MostAllocatedPerByte * input.Length))
            Failures.Add($"{name} of {input.Length} bytes allocated {memory >> 20} MiB.");
        if (++_left % 1000 == 0)
            Clear();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Clear()
    {
        if (_folder.EnumerateFileSystemInfos().Count() < 50)
            return;
        foreach (var file in _folder.EnumerateFiles())
            file.Delete();
    }
}
