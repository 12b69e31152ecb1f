using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using static TorchSharp.torch;

namespace LoraPS.Bench.Measuring;

/// <summary>Counts the floating-point operations of a network's convolutions, matrix products and attention.</summary>
/// <remarks>
/// Counted from the shapes that pass through the layers: two operations for each multiplication with its addition. Norms,
/// activations and the thin products of LoRA are not counted; they are not what a machine's peak is about.
/// </remarks>
public sealed class OperationCounter
{
    private double _weights;
    private double _attention;

    /// <summary>Operations forward since the start.</summary>
    public double Forward => _weights + _attention;

    /// <summary>Operations of a training step with frozen weights.</summary>
    /// <remarks>
    /// Backward, a frozen layer has one product (for its input) where a trained one has two; attention has twice the
    /// products it has forward.
    /// </remarks>
    public double Step => (2 * _weights) + (3 * _attention);

    /// <summary>Watches the layers of a network from now on.</summary>
    public void Watch(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (var module in network.modules())
        {
            if (module is ProjectionLayer layer)
                Watch(layer);
            else if (module is Attention attention)
                Watch(attention);
        }
    }

    private void Watch(ProjectionLayer layer)
    {
        // Each number of the output is a product of one row of the weight with as many inputs.
        var perOutput = 2.0 * layer.Weight.shape[1..].Aggregate(1L, (product, side) => product * side);
        layer.register_forward_hook((_, _, output) =>
        {
            _weights += perOutput * output.numel();
            return output;
        });
    }

    private void Watch(Attention attention) => attention.register_forward_hook((_, tokens, context, output) =>
    {
        // q · kᵀ and its product with v, [B, n, channels] and [B, m, channels].
        _attention += 4.0 * tokens.numel() * context.shape[1];
        return output;
    });
}
