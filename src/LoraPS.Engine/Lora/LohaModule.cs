using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A LoHa module of a file: (A₁·B₁) ∘ (A₂·B₂), which is the product of all pairs of columns with all pairs of rows.</summary>
internal sealed class LohaModule : LycorisModule
{
    private static readonly string[] Parts = ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"];
    private readonly TensorInfo[] _factors;

    private LohaModule(SafetensorsFile file, string name, TensorInfo[] factors)
        : base(file, name) => _factors = factors;

    /// <inheritdoc/>
    public override long Rank => _factors[1].Shape[0];

    /// <inheritdoc/>
    protected override SafetensorsDType DType => _factors[0].DType;

    /// <inheritdoc/>
    protected override long FactorRank => _factors[1].Shape[0] * _factors[3].Shape[0];

    /// <inheritdoc/>
    protected override IReadOnlyList<long> WeightShape => Shape(_factors[0].Shape[0], _factors[1].Shape[1]);

    /// <summary>The module, or null where its tensors are not those of a LoHa without Tucker factors.</summary>
    public static LohaModule? TryRead(SafetensorsFile file, string name)
    {
        var factors = Parts.Select(part => file.TryGet($"{name}.{part}", out var info) ? info : null).OfType<TensorInfo>().ToArray();
        return factors is [{ Shape: [var rows, var r1] }, { Shape: [var r1b, var columns] }, { Shape: [var rows2, var r2] }, { Shape: [var r2b, var columns2] }]
            && (rows, columns, r1, r2) == (rows2, columns2, r1b, r2b) && !file.TryGet(name + ".hada_t1", out _)
            ? new(file, name, factors)
            : null;
    }

    /// <inheritdoc/>
    public override (Tensor Up, Tensor Down) Factors(SafetensorsFile file)
    {
        using var scope = NewDisposeScope();
        var parts = Parts32(file);
        // [out, r₁, 1] · [out, 1, r₂] and [r₁, 1, n] · [1, r₂, n]
        var up = (parts[0].unsqueeze(2) * parts[2].unsqueeze(1)).flatten(1);
        var down = (parts[1].unsqueeze(1) * parts[3].unsqueeze(0)).flatten(0, 1);
        return (up.MoveToOuterDisposeScope(), down.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override Func<long, long, Tensor> Rows(SafetensorsFile file)
    {
        var parts = Parts32(file);
        return (first, count) => parts[0].narrow(0, first, count).matmul(parts[1]) * parts[2].narrow(0, first, count).matmul(parts[3]);
    }

    private Tensor[] Parts32(SafetensorsFile file) => Array.ConvertAll(_factors, factor => file.Read(factor.Name).to(ScalarType.Float32));
}
