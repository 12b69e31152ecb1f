using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>A table of vectors, W [count, features], looked up by number.</summary>
/// <param name="count">Number of vectors.</param>
/// <param name="features">Length of each.</param>
/// <param name="device">Where the table lives; null is the CPU.</param>
public sealed class Embedding(long count, long features, Device? device = null)
    : WeightedLayer(nameof(Embedding), [count, features], null, device)
{
    /// <inheritdoc/>
    /// <param name="input">Numbers [...], int64.</param>
    /// <returns>[..., features].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        // [...] -> [n] -> [n, features] -> [..., features]
        return Weight.index_select(0, input.flatten()).reshape([.. input.shape, Weight.shape[1]]).MoveToOuterDisposeScope();
    }
}
