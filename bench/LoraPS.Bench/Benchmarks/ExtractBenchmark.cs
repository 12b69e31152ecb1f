using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Merging;
using LoraPS.ModelMaker;

namespace LoraPS.Bench.Benchmarks;

/// <summary>A LoRA out of two full-size checkpoints, one of which has a LoRA merged into it.</summary>
public sealed class ExtractBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "extract";

    /// <inheritdoc/>
    public string Summary => "a LoRA out of two float16 checkpoints [--rank 32] [--conv-rank 16] [--runs 3]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["rank", "conv-rank", "runs"], []);
        var options = new LoraExtractOptions { Rank = line.Number("rank", 32), ConvRank = line.Number("conv-rank", 16), Overwrite = true };
        var (original, tuned, result) = (ArtifactFiles.Checkpoint(), Path.Combine(ArtifactFiles.Folder, "tuned.safetensors"), Path.Combine(ArtifactFiles.Folder, "extracted.safetensors"));
        CheckpointFuser.Merge(original, [new LoraSource(ArtifactFiles.Lora(64), 0.8)], tuned, new() { Overwrite = true });
        ProcessMemory.ResetPeak();

        var before = Stopwatches.ProcessorTime;
        var modules = 0;
        var times = Stopwatches.Times(line.Number("runs", 3), () => modules = LoraExtractor.Extract(original, tuned, result, options).Modules.Count);
        var processor = (Stopwatches.ProcessorTime - before) / times.Count;
        File.Delete(tuned);
        File.Delete(result);
        Console.WriteLine(FormattableString.Invariant(
            $"{modules} modules: {times.Median().TotalSeconds:0.0} s (median of {times.Count}), {processor.TotalSeconds:0.0} s of processor time, peak memory {ProcessMemory.PeakGigabytes():0.00} GB"));
        return 0;
    }
}
