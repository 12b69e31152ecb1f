using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A pair of trainable low-rank factors beside a frozen layer: y = W·x + multiplier · (alpha / rank) · up(down(x)).</summary>
/// <remarks>
/// Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Follows LoRAModule of sd-scripts
/// networks/lora.py@48d368fa: beside a convolution, down has its kernel, stride and padding and up is 1x1; neither has a bias.
/// The scale is applied between the factors, where the tensor is smallest.
/// </remarks>
public sealed class LoraAdapter : NetworkAdapter
{
    /// <summary>Makes the factors: down uniform in ±1/√(fan in), up zero, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public LoraAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
        : base(target, index, dropout)
    {
        Down = FactorInit.Down(target, index, seed);
        Up = FactorInit.Zeros(target.UpShape, target);
        Parameters = [new(target.DownKey, Down, IsUp: false), new(target.UpKey, Up, IsUp: true)];
    }

    /// <summary>From the input to the bottleneck: [rank, in] or [rank, in, k, k], float32, requires gradients.</summary>
    public Tensor Down { get; }

    /// <summary>From the bottleneck to the output: [out, rank] or [out, rank, 1, 1], float32, requires gradients.</summary>
    public Tensor Up { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }

    /// <inheritdoc/>
    public override Tensor Delta() => LoraMath.Delta(Up, Down, LoraMath.Scale(Target.Alpha, Target.Rank), Target.Layer.Weight.shape);

    /// <inheritdoc/>
    public override double DeltaNorm() => LoraMath.DeltaNorm(Up, Down, LoraMath.Scale(Target.Alpha, Target.Rank));

    /// <inheritdoc/>
    protected override Tensor Change(Tensor input, Tensor output, CounterRandom? random)
    {
        var bottleneck = FactorProduct.Down(Target, input, Down);
        if (random is not null)
            bottleneck = Dropout.Apply(bottleneck, random);
        return FactorProduct.Up(bottleneck.Times(Multiplier * LoraMath.Scale(Target.Alpha, Target.Rank)), Up);
    }
}
