using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>A tensor of a model that is a weighted sum of the same tensor of several.</summary>
/// <remarks>Summed in float32 (float64 where a term is), in the order of the models, and rounded once; in blocks, so that memory does not grow.</remarks>
/// <param name="Stored">The tensor in the first model.</param>
/// <param name="DType">The type it is saved in.</param>
/// <param name="Terms">Empty for a tensor that stays the first model's.</param>
internal sealed record SumTensor(TensorInfo Stored, SafetensorsDType DType, IReadOnlyList<SumTerm> Terms) : PlannedTensor(Stored, DType)
{
    private const long BlockElements = 1 << 20;

    public override bool IsComputed => Terms.Count > 0;

    public override void Compute(SafetensorsFile file, ByteSink write, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        IReadOnlyList<SumTerm> terms = IsComputed ? Terms : [new(new(new(file, "", Part: null), Stored), 1)];
        var elements = Stored.Shape.Aggregate(1L, (product, side) => product * side);
        var work = terms.Any(term => term.Tensor.Info.DType == SafetensorsDType.F64) ? ScalarType.Float64 : ScalarType.Float32;
        var capacity = Math.Min(elements, BlockElements);
        using Tensor sum = empty(capacity, work), save = empty(capacity, DType.ToScalarType());
        for (var done = 0L; done < elements; done += capacity)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var block = NewDisposeScope();
            var count = Math.Min(capacity, elements - done);
            var result = sum.narrow(0, 0, count).zero_();
            foreach (var term in terms)
                Add(result, term, done, count);
            write(WeightFuser.Rounded(result, save.narrow(0, 0, count), this).bytes);
        }
    }

    private static void Add(Tensor sum, SumTerm term, long first, long count)
    {
        using var scope = NewDisposeScope();
        var info = term.Tensor.Info;
        var read = empty(count, info.DType.ToScalarType());
        term.Tensor.File.File.ReadAt(info.Offset + (first * info.DType.ByteSize()), read.bytes);
        sum.AddInPlace(read.to(sum.dtype), term.Factor);
    }
}
