using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Reliability.Crash;

/// <summary>The kinds of work by name, and the process that does one.</summary>
internal static class CrashJobs
{
    /// <summary>What a child says when it begins.</summary>
    public const string Ready = "ready";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Names { get; } = ["train", "train-bf16-8bit", "cache", "svd", "fuse", "large", "folder", "resize"];

    /// <summary>Makes one.</summary>
    public static CrashJob Create(string name, string folder) => name switch
    {
        "train" => new TrainingJob(folder, TrainingPrecision.Fp32, AdamW.Kind.Name),
        "train-bf16-8bit" => new TrainingJob(folder, TrainingPrecision.MixedBf16, AdamW8bit.Kind.Name),
        "cache" => new CachingJob(folder),
        _ => new MergingJob(folder, name),
    };

    /// <summary>Entry of the child process.</summary>
    /// <param name="arguments">The kind and its folder.</param>
    public static int Run(string[] arguments)
    {
        Console.WriteLine(Ready);
        Create(arguments[0], arguments[1]).Work();
        return 0;
    }
}
