using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;

namespace LoraPS.Reliability.LongRuns;

/// <summary>Thousands of training steps, and of merges, in one process: memory and the number of tensors stay where they are.</summary>
internal static class LongRunTrials
{
    private const int Samples = 100;
    private const long MostGrowth = 24 << 20;

    /// <summary>Runs both.</summary>
    /// <param name="steps">Training steps.</param>
    /// <param name="merges">Merges.</param>
    /// <param name="plot">Whether docs/reliability-memory.svg is written.</param>
    public static Counts Run(int steps, int merges, bool plot)
    {
        var counts = new Counts("Work", "Times", "Tensors alive, first to last", "Memory (RSS) of the second quarter", "of the last quarter", "Broken promises");
        MemoryCurve[] curves = [Train(steps), Merge(merges)];
        foreach (var curve in curves)
            curve.AddTo(counts, MostGrowth);
        if (plot)
            File.WriteAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "reliability-memory.svg"), MemoryPlot.Draw(curves));
        return counts;
    }

    private static MemoryCurve Train(int steps)
    {
        using var folder = new TrainingFolder();
        var curve = new MemoryCurve("training steps, a LoRA and a state saved every 50", Math.Max(steps / Samples, 1));
        LoraTrainer.Train(
            folder.Model, folder.Dataset(), folder.Options() with { MaxTrainSteps = steps, SaveEverySteps = 50, SaveLastSteps = 50, LearningRate = 1e-4 }, new Steps(curve));
        return curve;
    }

    private static MemoryCurve Merge(int merges)
    {
        using var folder = new TemporaryFolder();
        var curve = new MemoryCurve("merges, by turns exact, SVD, and into a model", Math.Max(merges / Samples, 1));
        LoraSource Lora(string name) => new(TestFiles.Fixture($"merge/{name}.safetensors"), 0.5);
        for (var merge = 1; merge <= merges; merge++)
        {
            if (merge % 3 == 0)
                CheckpointFuser.Merge(FuseCase.Model, [new(FuseCase.LierLa, 0.5)], folder.File("model.safetensors"), new() { Overwrite = true });
            else if (merge % 3 == 1)
                LoraMerger.Merge([Lora("A"), Lora("C")], folder.File("sum.safetensors"), new() { Force = true });
            else
                LoraMerger.Merge([Lora("A"), Lora("C")], folder.File("svd.safetensors"), new() { Force = true, Method = SvdMerge.MethodName, Numbers = new() { Rank = 2 } });
            curve.Sample(merge);
        }

        return curve;
    }

    private sealed class Steps(MemoryCurve curve) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is TrainingStepEvent told)
                curve.Sample(told.Step.Step);
        }
    }
}
