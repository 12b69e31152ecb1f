using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Normalises the last dimension, then scales and shifts each feature.</summary>
/// <remarks>Ba, Kiros and Hinton, "Layer normalization" (2016).</remarks>
/// <param name="features">Length of the last dimension.</param>
/// <param name="epsilon">Added to the variance; default 1e-5.</param>
/// <param name="device">Where the parameters live; null is the CPU.</param>
public sealed class LayerNorm(long features, double epsilon = 1e-5, Device? device = null)
    : WeightedLayer(nameof(LayerNorm), [features], features, device)
{
    private readonly long[] _normalizedShape = [features];

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        nn.functional.layer_norm(input, _normalizedShape, Weight, Bias, Epsilon);
}
