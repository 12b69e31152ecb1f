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
    public static Tensor Down(LoraTarget target, int index, long seed) => Uniform(Random(index, seed), target.DownShape, target);

    /// <summary>Normal numbers, requiring gradients, in no dispose scope.</summary>
    public static Tensor Normal(CounterRandom random, double deviation, long[] shape, LoraTarget target)
    {
        using var scope = NewDisposeScope();
        return deviation == 0 ? Zeros(shape, target) : Trained(random.Normal(shape).Times(deviation), target);
    }

    /// <summary>Uniform numbers in ±1/√(fan in), requiring gradients, in no dispose scope.</summary>
    public static Tensor Uniform(CounterRandom random, long[] shape, LoraTarget target)
    {
        using var scope = NewDisposeScope();
        var bound = 1 / Math.Sqrt(shape[1..].Aggregate(1L, (product, side) => product * side));
        return Trained(random.Uniform(-bound, bound, shape), target);
    }

    /// <summary>Zeros, requiring gradients, in no dispose scope.</summary>
    public static Tensor Zeros(long[] shape, LoraTarget target)
    {
        using var scope = NewDisposeScope();
        return Trained(zeros(shape), target);
    }

    /// <summary>Some rows of a factor as a parameter of their own, in no dispose scope.</summary>
    public static Tensor Part(Tensor whole, long first, long count) =>
        whole.detach().narrow(0, first, count).clone().requires_grad_().DetachFromDisposeScope();

    /// <summary>The random numbers of a module's first values.</summary>
    public static CounterRandom Random(int index, long seed) => new(seed, RandomPurpose.NetworkInit, item: index);

    /// <summary>A parameter where the layer lives, in no dispose scope. Beside a layer without memory it lives on the CPU.</summary>
    public static Tensor Trained(Tensor value, LoraTarget target)
    {
        var device = target.Layer.Weight.device;
        return value.to(target.FactorType, device.type == DeviceType.META ? CPU : device, copy: true).requires_grad_().DetachFromDisposeScope();
    }
}
