using System.Collections.Concurrent;
using LoraPS.Bench.Measuring;
using LoraPS.Bench.Models;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.ModelMaker;
using static TorchSharp.torch;

namespace LoraPS.Bench.Benchmarks;

/// <summary>An SVD merge of two LoRAs of full Stable Diffusion 1.5 shape against decompositions of the dense differences.</summary>
/// <remarks>
/// The dense method builds each ΔW and decomposes it, as sd-scripts does with full matrices, and in thin form. It is run
/// on one layer of every shape and its time multiplied by the number of layers of that shape; the engine's is run on all
/// layers. Errors are those of the result against ΔW in float64, weighted over all layers by their norms.
/// </remarks>
public sealed class SvdMergeBenchmark : IBenchmark
{
    private static readonly double[] Ratios = [0.8, 0.6];

    /// <inheritdoc/>
    public string Name => "svd-merge";

    /// <inheritdoc/>
    public string Summary => "two LoRAs into one, against dense decompositions [--rank 64] [--runs 3]";

    /// <inheritdoc/>
    public int Run(IReadOnlyList<string> arguments)
    {
        var line = CommandLine.Parse(arguments, ["rank", "runs"], []);
        var (rank, runs) = (line.Number("rank", 64), line.Number("runs", 3));
        var targets = RandomLora.Targets(rank);
        var shapes = targets.GroupBy(target => (Out: target.UpShape[0], In: target.DownShape[1]))
            .Select(group => (group.Key.Out, group.Key.In, Count: group.Count(), Target: group.First())).ToList();
        var method = new SvdMerge(new() { Rank = rank });

        using var scope = NewDisposeScope();
        var modules = targets.Select(Module).ToList();
        var before = Stopwatches.ProcessorTime;
        var whole = Stopwatches.Times(runs, () => Partitioner.Create(modules, EnumerablePartitionerOptions.NoBuffering).AsParallel().ForAll(module => method.Merge(module).Dispose()));
        var processor = (Stopwatches.ProcessorTime - before).TotalSeconds / runs;
        Console.WriteLine(FormattableString.Invariant(
            $"this engine, all {targets.Count} layers: {whole.Median().TotalSeconds:0.000} s (median of {runs}, best {whole.Min().TotalSeconds:0.000} s), {processor:0.000} s of processor time"));

        FromFileToFile(rank, runs);

        Console.WriteLine("shape          layers   engine s   full s    thin s    error: engine          full             thin             least possible");
        var totals = new Totals();
        foreach (var (rows, columns, count, target) in shapes)
        {
            var found = Compare(Module(target), method, rank);
            totals.Add(found, count);
            Console.WriteLine(FormattableString.Invariant(
                $"{rows + "x" + columns,-14} {count,6} {found.Engine.Seconds,10:0.0000} {found.Full.Seconds,8:0.000} {found.Thin.Seconds,9:0.000}    {found.Engine.Error:0.0000000000}    {found.Full.Error:0.0000000000}    {found.Thin.Error:0.0000000000}    {found.Least:0.0000000000}"));
        }

        totals.Print(whole.Median().TotalSeconds, processor);
        return 0;
    }

    // What a user waits for: reading, hashes of the inputs and the result, writing and flushing among it.
    private static void FromFileToFile(int rank, int runs)
    {
        var (first, second, result) = (ArtifactFiles.Lora(rank), ArtifactFiles.Lora(rank, "-other"), Path.Combine(ArtifactFiles.Folder, "merged-lora.safetensors"));
        var times = Stopwatches.Times(runs + 1, () => LoraMerger.Merge(
            [new(first, Ratios[0]), new(second, Ratios[1])], result, new() { Method = SvdMerge.MethodName, Numbers = new() { Rank = rank }, Force = true }));
        File.Delete(result);
        Console.WriteLine(FormattableString.Invariant($"from two float16 files to one, all in all: {times.Skip(1).Median().TotalSeconds:0.000} s (median of {runs} after a first, {times[0].TotalSeconds:0.000} s)"));
    }

    private static MergeModule Module(LoraTarget target)
    {
        var terms = Ratios.Select(ratio =>
        {
            var (up, down) = RandomLora.Factors(target);
            return new MergeTerm(up.flatten(1), down.flatten(1), target.Alpha, ratio);
        });
        return new(target.Name, IsConvolution: false, [.. terms]);
    }

    private static Comparison Compare(MergeModule module, SvdMerge method, int rank)
    {
        using var scope = NewDisposeScope();
        using var dense = Dense(module, float32);
        using var truth = Dense(module, float64);
        var values = linalg.svdvals(truth);
        var norm = values.Squared().sum().item<double>();
        var least = Math.Sqrt(values.narrow(0, rank, values.shape[0] - rank).Squared().sum().item<double>() / norm);
        return new(
            Measure(truth, () => Engine(method, module)),
            Measure(truth, () => Decompose(dense, rank, fullMatrices: true)),
            Measure(truth, () => Decompose(dense, rank, fullMatrices: false)),
            least,
            norm);
    }

    private static (Tensor Up, Tensor Down) Engine(SvdMerge method, MergeModule module)
    {
        var merged = method.Merge(module);
        return (merged.Up, merged.Down);
    }

    private static Tensor Dense(MergeModule module, ScalarType dtype) => module.Terms
        .Select(term => term.Up.to(dtype).matmul(term.Down.to(dtype)).MultiplyInPlace(term.Scale))
        .Aggregate((sum, next) => sum.AddInPlace(next));

    private static (Tensor Up, Tensor Down) Decompose(Tensor dense, int rank, bool fullMatrices)
    {
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(dense, fullMatrices);
        var up = u.narrow(1, 0, rank) * s.narrow(0, 0, rank);
        return (up.MoveToOuterDisposeScope(), vh.narrow(0, 0, rank).contiguous().MoveToOuterDisposeScope());
    }

    private static Found Measure(Tensor truth, Func<(Tensor Up, Tensor Down)> work)
    {
        using var scope = NewDisposeScope();
        var (up, down) = (truth, truth);
        var before = Stopwatches.ProcessorTime;
        var seconds = Stopwatches.Time(() => (up, down) = work()).TotalSeconds;
        var processor = (Stopwatches.ProcessorTime - before).TotalSeconds;
        var rest = truth - up.to(float64).matmul(down.to(float64));
        return new(seconds, processor, Math.Sqrt(rest.Squared().sum().item<double>() / truth.Squared().sum().item<double>()));
    }

    private sealed record Found(double Seconds, double Processor, double Error);

    private sealed record Comparison(Found Engine, Found Full, Found Thin, double Least, double SquaredNorm);

    private sealed class Totals
    {
        private readonly List<(Comparison Found, int Count)> _all = [];

        public void Add(Comparison found, int count) => _all.Add((found, count));

        public void Print(double seconds, double processor)
        {
            Print("dense, full matrices", found => found.Full, seconds, processor);
            Print("dense, thin", found => found.Thin, seconds, processor);
            Console.WriteLine(FormattableString.Invariant(
                $"this engine: {seconds:0.000} s, error {Error(found => found.Engine.Error):0.000000000000}; least possible {Error(found => found.Least):0.000000000000}"));
        }

        private void Print(string method, Func<Comparison, Found> of, double engineSeconds, double engineProcessor)
        {
            var (seconds, processor) = (Sum(found => of(found).Seconds), Sum(found => of(found).Processor));
            Console.WriteLine(FormattableString.Invariant(
                $"{method}: {seconds:0.0} s, {seconds / engineSeconds:0} times the engine's ({processor / engineProcessor:0} by processor time); error {Error(found => of(found).Error):0.000000000000}"));
        }

        private double Sum(Func<Comparison, double> of) => _all.Sum(entry => of(entry.Found) * entry.Count);

        private double Error(Func<Comparison, double> of) => Math.Sqrt(
            _all.Sum(entry => of(entry.Found) * of(entry.Found) * entry.Found.SquaredNorm * entry.Count) / _all.Sum(entry => entry.Found.SquaredNorm * entry.Count));
    }
}
