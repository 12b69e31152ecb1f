using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.ModelMaker;

namespace LoraPS.Bench.Benchmarks;

/// <summary>Reading what a LoRA file is, as Get-Lora does: once in a new process, and again.</summary>
public sealed class GetLoraBenchmark : IBenchmark
{
    /// <inheritdoc/>
    public string Name => "get-lora";

    /// <inheritdoc/>
    public string Summary => "what a LoRA file is, from its header [--rank 64] [--runs 100] [--path FILE]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["rank", "runs", "path"], []);
        var path = line.Text("path", "") is { Length: > 0 } given ? given : ArtifactFiles.Lora(line.Number("rank", 64));
        var torchBefore = TorchRuntime.IsLoaded;
        LoraFile? file = null;
        var first = Stopwatches.Time(() => file = LoraFile.Read(path));
        var runs = line.Number("runs", 100);
        var before = Stopwatches.ProcessorTime;
        var others = Stopwatches.Times(runs, () => LoraFile.Read(path));
        var processor = (Stopwatches.ProcessorTime - before) / runs;
        Console.WriteLine(FormattableString.Invariant($"{file!.Name}: {file.Length / 1e6:0.0} MB, {file.ModuleCount} modules of rank {file.Rank}"));
        Console.WriteLine(FormattableString.Invariant($"first read      {first.TotalMilliseconds:0.0} ms (with compilation)"));
        Console.WriteLine(FormattableString.Invariant($"reads after it  {others.Median().TotalMilliseconds:0.00} ms (median of {runs}, best {others.Min().TotalMilliseconds:0.00} ms), {processor.TotalMilliseconds:0.00} ms of processor time"));
        Console.WriteLine($"libtorch        {(torchBefore ? "was loaded to make the file; run again" : TorchRuntime.IsLoaded ? "was loaded" : "was not loaded")}");
        return 0;
    }
}
