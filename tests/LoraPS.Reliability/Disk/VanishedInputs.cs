using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Disk;

/// <summary>Inputs that are deleted or cut short before the work begins, or in the middle of it.</summary>
internal static class VanishedInputs
{
    private static readonly string[] Troubles = ["deleted before", "cut short before", "emptied before", "deleted meanwhile", "cut short meanwhile", "emptied meanwhile"];

    /// <summary>The kinds of work.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["merge", "svd", "resize", "weigh", "convert", "fuse", "average", "train"];

    /// <summary>Tries one kind of work with all troubles.</summary>
    public static void Run(string kind, Counts counts)
    {
        var tally = new Tally("input vanishes", kind);
        foreach (var trouble in Troubles)
        {
            using var folder = new TemporaryFolder();
            Try(kind, trouble, folder, tally);
        }

        tally.AddTo(counts);
    }

    private static void Try(string kind, string trouble, TemporaryFolder folder, Tally tally)
    {
        var (inputs, output) = (Directory.CreateDirectory(folder.File("in")).FullName, Directory.CreateDirectory(folder.File("out")).FullName);
        var victim = Prepare(kind, inputs);
        var destination = Path.Combine(output, "out.safetensors");
        File.WriteAllText(destination, "older");
        if (trouble.EndsWith("before", StringComparison.Ordinal))
            Vanish(victim, trouble);
        // Only the first event: by then headers are read, and numbers are not.
        var events = new OnFirst(() =>
        {
            if (trouble.EndsWith("meanwhile", StringComparison.Ordinal))
                Vanish(victim, trouble);
        });
        var error = Tally.Attempt(() => Work(kind, inputs, victim, destination, events));
        tally.Count(error);
        if (error is not null && File.ReadAllText(destination) != "older")
            tally.Fail($"{trouble}: the older result is lost");
        if (error is null && Tally.Attempt(() => SafetensorsFile.Open(destination).Dispose()) is { } torn)
            tally.Fail($"{trouble}: the result is no file of tensors: {torn.Message}");
        foreach (var left in OutputFiles.Leftovers(output))
            tally.Fail($"{trouble}: {left} is left");
    }

    private static string Prepare(string kind, string inputs)
    {
        if (kind == "train")
        {
            TrainingInputs.Write(inputs);
            return Path.Combine(inputs, "pictures", "1.png");
        }

        foreach (var name in new[] { "A", "C" })
            File.Copy(TestFiles.Fixture($"merge/{name}.safetensors"), Path.Combine(inputs, name + ".safetensors"));
        File.Copy(FuseCase.Model, Path.Combine(inputs, "model.safetensors"));
        File.Copy(FuseCase.LierLa, Path.Combine(inputs, "lierla.safetensors"));
        return Path.Combine(inputs, kind switch { "fuse" => "lierla.safetensors", "average" => "model.safetensors", _ => "A.safetensors" });
    }

    private static void Work(string kind, string inputs, string victim, string destination, IProgress<EngineEvent> events)
    {
        string File(string name) => Path.Combine(inputs, name + ".safetensors");
        switch (kind)
        {
            case "merge" or "svd":
                LoraMerger.Merge([new(File("A")), new(File("C"))], destination, new() { Method = kind == "svd" ? SvdMerge.MethodName : WeightedSumMerge.MethodName, Numbers = new() { Rank = kind == "svd" ? 2 : null }, Force = true }, events);
                break;
            case "resize":
                LoraResizer.Resize(victim, destination, new() { Rank = 2, Force = true }, events);
                break;
            case "weigh":
                LoraWeighter.Write(new(victim, 0.5), destination, new() { Force = true });
                break;
            case "convert":
                LoraConverter.Convert(victim, destination, LoraFormat.Peft, new() { Overwrite = true }, events);
                break;
            case "fuse":
                CheckpointFuser.Merge(File("model"), [new(victim)], destination, new() { Overwrite = true }, events);
                break;
            case "average":
                CheckpointMerger.Merge([new(victim), new(FuseCase.Model)], destination, new() { Overwrite = true }, events);
                break;
            default:
                LoraTrainer.Train(Path.Combine(inputs, "model"), TrainingFolder.Dataset(Path.Combine(inputs, "pictures")), TrainingFolder.OptionsFor(destination) with { MaxTrainSteps = 1, Overwrite = true }, events);
                break;
        }
    }

    private static void Vanish(string path, string trouble)
    {
        if (trouble.StartsWith("deleted", StringComparison.Ordinal))
        {
            File.Delete(path);
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(trouble.StartsWith("emptied", StringComparison.Ordinal) ? 0 : file.Length / 2);
    }

    private sealed class OnFirst(Action act) : IProgress<EngineEvent>
    {
        private Action? _act = act;

        public void Report(EngineEvent value)
        {
            if (value is ProgressEvent)
                Interlocked.Exchange(ref _act, null)?.Invoke();
        }
    }
}
