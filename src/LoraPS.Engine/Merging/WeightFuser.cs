using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Adds LoRAs to weights, a few rows at a time: W' = W + Σ scale · up · down, and of LoHa and LoKr the change as they define it.</summary>
/// <remarks>
/// Computed in float32 (float64 for float64 weights) and rounded once, to the type the weight is saved in. Blocks are small
/// enough to stay in the processor's cache between reading, adding, rounding and writing, so memory does not grow with the weight.
/// </remarks>
internal static class WeightFuser
{
    private const long BlockElements = 1 << 18;

    /// <summary>Computes a tensor and hands its bytes on.</summary>
    /// <param name="file">The file that holds the tensor.</param>
    /// <param name="tensor">What to do.</param>
    /// <param name="write">Takes the bytes in order.</param>
    /// <param name="cancellationToken">Asked before each block.</param>
    /// <exception cref="LoraMergeException">A LoRA holds NaN or infinite numbers, or the result does not fit its type.</exception>
    public static void Fuse(SafetensorsFile file, FuseTensor tensor, ByteSink write, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (stored, elements) = (tensor.Stored, tensor.Stored.Shape.Aggregate(1L, (product, side) => product * side));
        var work = stored.DType == SafetensorsDType.F64 ? ScalarType.Float64 : ScalarType.Float32;
        var terms = tensor.Terms.Select(term => (Term: term, Rows: term.Lora.RowsOf(term.Module))).ToLookup(entry => entry.Rows is null);
        var (up, down) = Factors([.. terms[true].Select(entry => entry.Term)], work);
        var columns = tensor.Terms.Count == 0 ? 1 : elements / stored.Shape[0];
        var capacity = Math.Min(elements, Math.Max(BlockElements / columns, 1) * columns);
        using Tensor read = empty(capacity, stored.DType.ToScalarType()), sum = empty(capacity, work), save = empty(capacity, tensor.DType.ToScalarType());
        for (var done = 0L; done < elements; done += capacity)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var count = Math.Min(capacity, elements - done);
            file.ReadAt(stored.Offset + (done * stored.DType.ByteSize()), read.narrow(0, 0, count).bytes);
            var result = sum.narrow(0, 0, count).copy_(read.narrow(0, 0, count));
            if (down is not null)
                result.view(-1, columns).addmm_(up!.narrow(0, done / columns, count / columns), down);
            foreach (var (term, rows) in terms[false])
                AddRows(result.view(-1, columns), done / columns, stored.Shape[0], term, rows!);
            write(Rounded(result, save.narrow(0, 0, count), tensor).bytes);
        }
    }

    /// <summary>Adds those rows of a change that are in a block.</summary>
    private static void AddRows(Tensor block, long first, long allRows, FuseTerm term, Func<long, long, Tensor> rows)
    {
        var moduleRows = allRows / term.Rows.Shares;
        var start = term.Rows.Share * moduleRows;
        var (from, to) = (Math.Max(first, start), Math.Min(first + block.shape[0], start + moduleRows));
        if (from >= to)
            return;
        using var scope = NewDisposeScope();
        block.narrow(0, from - first, to - from).AddInPlace(rows(from - start, to - from).to(block.dtype), term.Scale);
    }

    private static (Tensor? Up, Tensor? Down) Factors(IReadOnlyList<FuseTerm> terms, ScalarType work)
    {
        if (terms.Count == 0)
            return (null, null);
        var (up, down) = LowRank.Stack([.. terms.Select(Read)]);
        return (up.to(work), down.to(work));
    }

    private static (Tensor Up, Tensor Down, double Scale) Read(FuseTerm term)
    {
        var (up, down) = term.Lora.ReadFactors(term.Module);
        return (term.Rows.Whole(up), down, term.Scale);
    }

    /// <summary>Rounds numbers to the type they are saved in; refuses NaN, and numbers that it has no room for.</summary>
    /// <param name="result">What was computed.</param>
    /// <param name="save">Gets them; of as many numbers.</param>
    /// <param name="tensor">Whose they are.</param>
    /// <returns><paramref name="save"/>.</returns>
    /// <exception cref="LoraMergeException">There are some (error id MergedWeightNotFinite).</exception>
    internal static Tensor Rounded(Tensor result, Tensor save, PlannedTensor tensor)
    {
        if (Finite.All(save.copy_(result)))
            return save;
        var (lowest, highest) = result.aminmax();
        var (least, most) = (lowest.to(float64).item<double>(), highest.to(float64).item<double>());
        throw new LoraMergeException(
            "MergedWeightNotFinite",
            $"'{tensor.Stored.Name}' would hold numbers from {least:g4} to {most:g4}, and {tensor.DType.Token()} ends at {finfo(tensor.DType.ToScalarType()).max:g4}. A ratio is too large, or a model itself is damaged.",
            tensor.Stored.Name);
    }
}
