using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>An adapter that makes its whole change of the weight and multiplies the input by that: y = W·x + multiplier · ΔW·x.</summary>
/// <remarks>For changes that are no product of two thin matrices, so that there is no bottleneck to go through.</remarks>
/// <param name="target">The layer; not owned.</param>
/// <param name="index">The module's place in the network.</param>
/// <param name="dropout">The network's dropouts; those of elements and ranks have no place here.</param>
public abstract class WeightDeltaAdapter(LoraTarget target, int index, LoraDropout dropout) : NetworkAdapter(target, index, dropout)
{
    /// <inheritdoc/>
    public override Tensor Delta()
    {
        using var noGradient = no_grad();
        return MakeDelta();
    }

    /// <inheritdoc/>
    protected override Tensor Change(Tensor input, Tensor output, CounterRandom? random) =>
        FactorProduct.Down(Target.Layer, input, MakeDelta().Times(Multiplier));

    /// <summary>The change of the weight, in its shape, float32, with gradients for what it is made of.</summary>
    protected abstract Tensor MakeDelta();
}
