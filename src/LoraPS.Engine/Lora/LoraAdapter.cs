using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A pair of trainable low-rank factors beside a frozen layer: y = W·x + multiplier · (alpha / rank) · up(down(x)).</summary>
/// <remarks>
/// Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Follows LoRAModule of sd-scripts
/// networks/lora.py@48d368fa: beside a convolution, down has its kernel, stride and padding and up is 1x1; neither has a bias.
/// The scale is applied between the factors, where the tensor is smallest.
/// </remarks>
public sealed class LoraAdapter : ILayerAdapter, IDisposable
{
    private readonly int _index;
    private readonly LoraDropout _dropout;

    /// <summary>Makes the factors: down uniform in ±1/√(fan in), up zero, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public LoraAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
    {
        Target = target;
        _index = index;
        _dropout = dropout;
        // Kaiming's uniform distribution with a = √5 has exactly this bound.
        var bound = 1 / Math.Sqrt(target.DownShape[1..].Aggregate(1L, (product, side) => product * side));
        var random = new CounterRandom(seed, RandomPurpose.NetworkInit, item: index);
        Down = random.Uniform(-bound, bound, target.DownShape).requires_grad_().DetachFromDisposeScope();
        Up = zeros(target.UpShape, requires_grad: true).DetachFromDisposeScope();
    }

    /// <summary>What is adapted, and how strongly.</summary>
    public LoraTarget Target { get; }

    /// <summary>From the input to the bottleneck: [rank, in] or [rank, in, k, k], float32, requires gradients.</summary>
    public Tensor Down { get; }

    /// <summary>From the bottleneck to the output: [out, rank] or [out, rank, 1, 1], float32, requires gradients.</summary>
    public Tensor Up { get; }

    /// <summary>Strength on top of alpha / rank.</summary>
    /// <value>Default 1.</value>
    public double Multiplier { get; set; } = 1;

    /// <inheritdoc/>
    public Tensor Apply(Tensor input, Tensor output)
    {
        var random = _dropout.Random(_index);
        if (random is not null && _dropout.DropsModule(random))
            return output;

        using var scope = NewDisposeScope();
        var bottleneck = ProjectDown(input);
        if (random is not null)
            bottleneck = _dropout.Apply(bottleneck, random);
        return output.Plus(ProjectUp(bottleneck.Times(Multiplier * Target.Alpha / Target.Rank))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Down.Dispose();
        Up.Dispose();
    }

    private Tensor ProjectDown(Tensor input) => Target.Layer is Conv2d conv
        ? nn.functional.conv2d(input, Down, strides: [conv.Stride, conv.Stride], padding: [conv.Padding, conv.Padding])
        : LinearProduct.Apply(input, Down);

    private Tensor ProjectUp(Tensor bottleneck) =>
        Up.dim() == 4 ? nn.functional.conv2d(bottleneck, Up) : LinearProduct.Apply(bottleneck, Up);
}
