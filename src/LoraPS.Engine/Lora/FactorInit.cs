using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>First values of trained factors.</summary>
internal static class FactorInit
{
    /// <summary>The factor into the bottleneck: uniform in ±1/√(fan in), which is Kaiming's distribution with a = √5.</summary>
    /// <param name="target">The layer.</param>
    /// <param name="index">The module's place in the network.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>[rank, in] or [rank, in, k, k], requiring gradients, in no dispose scope.</returns>
    public static Tensor Down(LoraTarget target, int index, long seed)
    {
        var bound = 1 / Math.Sqrt(target.DownShape[1..].Aggregate(1L, (product, side) => product * side));
        return Random(index, seed).Uniform(-bound, bound, target.DownShape).requires_grad_().DetachFromDisposeScope();
    }

    /// <summary>Zeros, requiring gradients, in no dispose scope.</summary>
    public static Tensor Zeros(long[] shape) => zeros(shape, requires_grad: true).DetachFromDisposeScope();

    /// <summary>The random numbers of a module's first values.</summary>
    public static CounterRandom Random(int index, long seed) => new(seed, RandomPurpose.NetworkInit, item: index);
}
