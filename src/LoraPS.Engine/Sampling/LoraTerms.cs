using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>What several LoRAs add to one layer: y = W·x + Σ scaleᵢ · upᵢ(downᵢ(x)).</summary>
/// <param name="layer">The layer; not owned.</param>
internal sealed class LoraTerms(ProjectionLayer layer) : ILayerAdapter, IDisposable
{
    private readonly List<(Tensor Up, Tensor Down, double Scale)> _terms = [];

    /// <summary>Adds a LoRA's factors.</summary>
    /// <param name="up">[out, r], any float type.</param>
    /// <param name="down">[r, in·k·k], any float type.</param>
    /// <param name="scale">weight · alpha / r.</param>
    public void Add(Tensor up, Tensor down, double scale)
    {
        using var scope = NewDisposeScope();
        var dtype = layer.Weight.dtype;
        var rank = up.shape[1];
        var (upShape, downShape) = layer is Conv2d
            ? ([up.shape[0], rank, 1, 1], [rank, .. layer.Weight.shape[1..]])
            : (up.shape, down.shape);
        _terms.Add((Own(up, dtype, upShape), Own(down, dtype, downShape), scale));
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor input, Tensor output)
    {
        using var scope = NewDisposeScope();
        foreach (var (up, down, scale) in _terms)
            output = output.Plus(FactorProduct.Up(FactorProduct.Down(layer, input, down).Times(scale), up));
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ReferenceEquals(layer.Adapter, this))
            layer.Adapter = null;
        foreach (var (up, down, _) in _terms)
        {
            up.Dispose();
            down.Dispose();
        }
    }

    private static Tensor Own(Tensor factor, ScalarType dtype, long[] shape) => factor.to(dtype).reshape(shape).DetachFromDisposeScope();
}
