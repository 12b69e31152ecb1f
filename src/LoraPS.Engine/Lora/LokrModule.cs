using System.Text.RegularExpressions;
using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A LoKr module of a file: C ⊗ (A·B) = (C ⊗ A) · (I ⊗ B).</summary>
internal sealed partial class LokrModule : LycorisModule
{
    private readonly Part _small;
    private readonly Part _large;

    private LokrModule(SafetensorsFile file, string name, Part small, Part large)
        : base(file, name) => (_small, _large) = (small, large);

    /// <inheritdoc/>
    public override long Rank => _large.Rank ?? _small.Rank ?? (long)(Alpha ?? 1);

    /// <inheritdoc/>
    protected override SafetensorsDType DType => _small.DType;

    /// <inheritdoc/>
    protected override double Scale => _large.Rank is null && _small.Rank is null ? 1 : base.Scale;

    /// <inheritdoc/>
    protected override long FactorRank => _small.Columns * (_large.Rank ?? Math.Min(_large.Rows, _large.RowLength));

    /// <inheritdoc/>
    protected override IReadOnlyList<long> WeightShape => _large.Kernel.Count > 0
        ? [_small.Rows * _large.Rows, _small.Columns * _large.Columns, .. _large.Kernel]
        : Shape(_small.Rows * _large.Rows, _small.Columns * _large.RowLength);

    /// <summary>The module whose tensor a key names, or null.</summary>
    public static string? NameIn(string key) => SmallKey().Match(key) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The module, or null where its tensors are not those of a LoKr without Tucker factors.</summary>
    public static LokrModule? TryRead(SafetensorsFile file, string name) =>
        !file.TryGet(name + ".lokr_t2", out _) && Part.TryRead(file, name + ".lokr_w1") is { Kernel.Count: 0 } small && Part.TryRead(file, name + ".lokr_w2") is { } large
            ? new(file, name, small, large)
            : null;

    /// <inheritdoc/>
    public override (Tensor Up, Tensor Down) Factors(SafetensorsFile file)
    {
        using var scope = NewDisposeScope();
        var small = _small.Product(file);
        var (a, b) = _large.Factors(file);
        var up = kron(small, a);
        var down = kron(eye(_small.Columns), b);
        return (up.MoveToOuterDisposeScope(), down.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override Func<long, long, Tensor> Rows(SafetensorsFile file)
    {
        var (small, large) = (_small.Product(file), _large.Product(file));
        var rows = large.shape[0];
        return (first, count) =>
        {
            var numbers = Enumerable.Range(0, (int)count).Select(i => first + i).ToList();
            Tensor outer = small.index_select(0, tensor(numbers.ConvertAll(row => row / rows))), inner = large.index_select(0, tensor(numbers.ConvertAll(row => row % rows)));
            return (outer.unsqueeze(2) * inner.unsqueeze(1)).flatten(1);
        };
    }

    [GeneratedRegex("^(.+)[.]lokr_w1(_a)?$")]
    private static partial Regex SmallKey();

    /// <summary>One of the two matrices, whole or as a product.</summary>
    private sealed record Part(TensorInfo First, TensorInfo? Second)
    {
        public SafetensorsDType DType => First.DType;

        public long Rows => First.Shape[0];

        public long? Rank => Second?.Shape[0];

        /// <summary>Length of a row: columns, times the kernel where there is one.</summary>
        public long RowLength => Second?.Shape[1] ?? First.Shape.Skip(1).Aggregate(1L, (product, side) => product * side);

        public long Columns => Second?.Shape[1] ?? First.Shape[1];

        public IReadOnlyList<long> Kernel => Second is null ? [.. First.Shape.Skip(2)] : [];

        public static Part? TryRead(SafetensorsFile file, string key)
        {
            if (file.TryGet(key, out var whole))
                return whole.Shape.Count is 2 or 4 ? new(whole, null) : null;
            return file.TryGet(key + "_a", out var a) && file.TryGet(key + "_b", out var b) && a.Shape is [_, var rank] && b.Shape is [var same, _] && rank == same
                ? new(a, b)
                : null;
        }

        /// <summary>[rows, row length], float32.</summary>
        public Tensor Product(SafetensorsFile file)
        {
            var first = file.Read(First.Name).to(ScalarType.Float32).flatten(1);
            return Second is null ? first : first.matmul(file.Read(Second.Name).to(ScalarType.Float32));
        }

        /// <summary>[rows, r] and [r, row length], float32; of a whole matrix one is the identity.</summary>
        public (Tensor A, Tensor B) Factors(SafetensorsFile file)
        {
            var first = file.Read(First.Name).to(ScalarType.Float32).flatten(1);
            if (Second is not null)
                return (first, file.Read(Second.Name).to(ScalarType.Float32));
            return Rows <= RowLength ? (eye(Rows), first) : (first, eye(RowLength));
        }
    }
}
