using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>Low-rank factors that turn the rows of a weight, and a trained length for each row: W' = m · (W + ΔW) / ‖W + ΔW‖.</summary>
/// <remarks>
/// Liu et al., "DoRA: Weight-decomposed low-rank adaptation", 2024, equations 5 and 11: the norm takes part as a constant in
/// gradients. Lengths are of outputs, and the key is dora_scale, as in LyCORIS (wd_on_output) and PEFT. The multiplier scales
/// the whole change W' − W.
/// </remarks>
public sealed class DoraAdapter : FactorPairAdapter
{
    /// <summary>Makes the factors: down uniform in ±1/√(fan in), up zero, lengths those of the weight, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public DoraAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
        : base(target, index, dropout, FactorInit.Down(target, index, seed))
    {
        using var scope = NewDisposeScope();
        Magnitude = target.Layer.Weight.device.type == DeviceType.META
            ? FactorInit.Zeros(MagnitudeShape(target), target)
            : FactorInit.Trained(LoraMath.RowNorms(target.Layer.Weight), target);
        Parameters = [new(target.Name + ".dora_scale", Magnitude, IsUp: false), new(target.DownKey, Down, IsUp: false), new(target.UpKey, Up, IsUp: true)];
    }

    /// <summary>Length of each row: [out, 1] or [out, 1, 1, 1].</summary>
    public Tensor Magnitude { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> FileTensors() => [new(Parameters[0].Name, Magnitude), .. base.FileTensors()];

    /// <summary>Shape of the lengths.</summary>
    internal static long[] MagnitudeShape(LoraTarget target) => [target.UpShape[0], 1, .. target.UpShape[2..]];

    /// <inheritdoc/>
    public override Tensor Delta()
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var weight = Target.Layer.Weight.to(ScalarType.Float32);
        return ((Turned() * Gain()) - weight).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override double DeltaNorm()
    {
        using var scope = NewDisposeScope();
        return Norm(Delta());
    }

    /// <inheritdoc/>
    public override void ScaleDelta(double factor) =>
        throw new NotSupportedException("The change of a DoRA module is no product of its factors and cannot be scaled by them.");

    /// <inheritdoc/>
    protected override Tensor Change(Tensor input, Tensor output, CounterRandom? random)
    {
        var bottleneck = FactorProduct.Down(Target.Layer, input, Down);
        if (random is not null)
            bottleneck = Dropout.Apply(bottleneck, random);
        var change = FactorProduct.Up(bottleneck.Times(LoraMath.Scale(Target.Alpha, Target.Rank)), Up);
        var gain = AlongOutput(Gain(), output);
        var own = Target.Layer.Bias is { } bias ? output - AlongOutput(bias, output) : output;
        return ((gain.Plus(-1).to(output.dtype) * own).Plus(gain.to(output.dtype) * change)).Times(Multiplier);
    }

    /// <summary>W + ΔW, float32.</summary>
    private Tensor Turned() => Target.Layer.Weight.to(ScalarType.Float32)
        .Plus(LoraMath.Delta(Up, Down, LoraMath.Scale(Target.Alpha, Target.Rank), Target.Layer.Weight.shape));

    /// <summary>m / ‖W + ΔW‖, [out, 1, …], with gradients for the lengths alone.</summary>
    private Tensor Gain()
    {
        using var scope = NewDisposeScope();
        Tensor norms;
        using (no_grad())
            norms = LoraMath.RowNorms(Turned());
        return (Magnitude.to(ScalarType.Float32) / norms).MoveToOuterDisposeScope();
    }

    /// <summary>A value for each output in the place where the outputs lie: last in tokens, second in images.</summary>
    private static Tensor AlongOutput(Tensor values, Tensor output) =>
        output.dim() == 4 ? values.reshape(1, -1, 1, 1) : values.reshape(-1);
}
