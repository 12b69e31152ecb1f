using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>y = x · Wᵀ + b with W [out, in].</summary>
public sealed class Linear(long inFeatures, long outFeatures, bool bias = true, Device? device = null)
    : ProjectionLayer(nameof(Linear), [outFeatures, inFeatures], bias, device)
{
    /// <inheritdoc/>
    protected override Tensor Project(Tensor input) => LinearProduct.Apply(input, Weight, Bias);
}
