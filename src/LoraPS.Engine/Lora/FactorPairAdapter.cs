using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A pair of low-rank factors beside a frozen layer: y = W·x + multiplier · (alpha / rank) · up(down(x)).</summary>
/// <remarks>
/// Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Follows LoRAModule of sd-scripts
/// networks/lora.py@48d368fa: beside a convolution, down has its kernel, stride and padding and up is 1x1; neither has a bias.
/// The scale is applied between the factors, where the tensor is smallest.
/// </remarks>
public abstract class FactorPairAdapter : NetworkAdapter
{
    /// <summary>Takes the factors; up starts at zero, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="dropout">The network's dropouts.</param>
    /// <param name="down">The factor into the bottleneck; owned from now on.</param>
    private protected FactorPairAdapter(LoraTarget target, int index, LoraDropout dropout, Tensor down)
        : base(target, index, dropout) => (Down, Up) = (down, FactorInit.Zeros(target.UpShape, target));

    /// <summary>From the input to the bottleneck: [rank, in] or [rank, in, k, k].</summary>
    public Tensor Down { get; }

    /// <summary>From the bottleneck to the output: [out, rank] or [out, rank, 1, 1].</summary>
    public Tensor Up { get; }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> FileTensors() => [new(Target.DownKey, Down), new(Target.UpKey, Up)];

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> Memory => FileTensors();

    /// <inheritdoc/>
    public override Tensor Delta()
    {
        using var noGradient = no_grad();
        return LoraMath.Delta(Up, Down, Strength, Target.Layer.Weight.shape);
    }

    /// <inheritdoc/>
    public override double DeltaNorm() => LoraMath.DeltaNorm(Up, Down, Strength);

    /// <inheritdoc/>
    public override void ScaleDelta(double factor)
    {
        using var noGradient = no_grad();
        Down.MultiplyInPlace(Math.Sqrt(factor));
        Up.MultiplyInPlace(Math.Sqrt(factor));
    }

    /// <summary>alpha / rank.</summary>
    private double Strength => LoraMath.Scale(Target.Alpha, Target.Rank);

    /// <inheritdoc/>
    protected override Tensor Change(Tensor input, Tensor output, CounterRandom? random)
    {
        var bottleneck = FactorProduct.Down(Target.Layer, input, Down);
        if (random is not null)
            bottleneck = Dropout.Apply(bottleneck, random);
        return FactorProduct.Up(bottleneck.Times(Multiplier * Strength), Up);
    }
}
