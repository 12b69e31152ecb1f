using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>Two low-rank products multiplied element by element: ΔW = alpha / r · (A₁·B₁) ∘ (A₂·B₂), of a rank up to r².</summary>
/// <remarks>
/// Hyeon-Woo et al., "FedPara: Low-rank Hadamard product", 2022. Keys and first values are those of LoHa in LyCORIS
/// (lycoris/modules/loha.py): B₁ and B₂ normal with deviation 1, A₁ with 0.1, A₂ zero; kernels are not decomposed further.
/// </remarks>
public sealed class LohaAdapter : WeightDeltaAdapter
{
    private const double FirstDeviation = 0.1;

    /// <summary>Makes the factors, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public LohaAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
        : base(target, index, dropout)
    {
        var random = FactorInit.Random(index, seed);
        double[] deviations = [FirstDeviation, 1, 0, 1];
        Parameters = [.. Shapes(target).Zip(deviations, (factor, deviation) =>
            new AdapterParameter($"{target.Name}.{factor.Name}", FactorInit.Normal(random, deviation, factor.Shape, target), IsUp: false))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }

    /// <inheritdoc/>
    protected override int FactorCount => 4;

    /// <summary>The factors, A before B.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> Shapes(LoraTarget target)
    {
        long[] rows = [target.UpShape[0], target.Rank], columns = [target.Rank, target.FanIn];
        return [("hada_w1_a", rows), ("hada_w1_b", columns), ("hada_w2_a", rows), ("hada_w2_b", columns)];
    }

    /// <inheritdoc/>
    protected override Tensor MakeDelta() => LoraMath.HadamardDelta(
        (Parameters[0].Value, Parameters[1].Value), (Parameters[2].Value, Parameters[3].Value), LoraMath.Scale(Target.Alpha, Target.Rank), Target.Layer.Weight.shape);
}
