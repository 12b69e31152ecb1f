using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A Kronecker product of a small matrix and a larger one, which is low-rank where that saves anything: ΔW = alpha / r · C ⊗ (A·B).</summary>
/// <remarks>
/// Edalati et al., "KronA", 2022. Keys, shapes and first values are those of LoKr in LyCORIS (lycoris/modules/lokr.py): the small
/// matrix C is whole; where the larger one is whole too the scale is 1. C and A uniform in ±1/√(fan in), the rest zero.
/// </remarks>
public sealed class LokrAdapter : WeightDeltaAdapter
{
    /// <summary>Makes the factors, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    /// <param name="factor">Largest side of the small matrix; -1 is as square as can be.</param>
    public LokrAdapter(LoraTarget target, int index, long seed, LoraDropout dropout, int factor)
        : base(IsWhole(target, factor) ? target with { Alpha = target.Rank } : target, index, dropout)
    {
        var random = FactorInit.Random(index, seed);
        var shapes = Shapes(target, factor).ToList();
        Parameters = [.. shapes.Select((part, i) => new AdapterParameter(
            $"{target.Name}.{part.Name}",
            i == shapes.Count - 1 ? FactorInit.Zeros(part.Shape, target) : FactorInit.Uniform(random, part.Shape, target),
            IsUp: false))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }

    /// <inheritdoc/>
    protected override int FactorCount => Parameters.Count;

    /// <summary>The factors: C, then the larger matrix or the two it is the product of.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> Shapes(LoraTarget target, int factor)
    {
        var ((outSmall, outLarge), (inSmall, inLarge)) = Sides(target, factor);
        var kernel = target.DownShape[2..];
        yield return ("lokr_w1", [outSmall, inSmall]);
        if (IsWhole(target, factor))
        {
            yield return ("lokr_w2", [outLarge, inLarge, .. kernel]);
            yield break;
        }

        yield return ("lokr_w2_a", [outLarge, target.Rank]);
        yield return ("lokr_w2_b", [target.Rank, kernel.Aggregate(inLarge, (product, side) => product * side)]);
    }

    /// <summary>Splits a number into two factors: near each other, or with a given one.</summary>
    /// <param name="number">What to split.</param>
    /// <param name="factor">Largest size of the smaller factor; -1 for none.</param>
    /// <returns>Two numbers whose product it is, the smaller first.</returns>
    /// <remarks>As factorization in LyCORIS (lycoris/functional/general.py).</remarks>
    public static (long Small, long Large) Split(long number, int factor)
    {
        if (factor > 0 && number % factor == 0 && number >= (long)factor * factor)
            return (factor, number / factor);
        var most = factor < 0 ? number : factor;
        var small = 1L;
        for (var candidate = 2L; candidate <= most && candidate * candidate <= number; candidate++)
        {
            if (number % candidate == 0)
                small = candidate;
        }

        return (small, number / small);
    }

    /// <inheritdoc/>
    protected override Tensor MakeDelta()
    {
        using var scope = NewDisposeScope();
        var large = Parameters.Count == 2 ? Parameters[1].Value : Parameters[1].Value.matmul(Parameters[2].Value);
        return LoraMath.KroneckerDelta(Parameters[0].Value, large, LoraMath.Scale(Target.Alpha, Target.Rank), Target.Layer.Weight.shape).MoveToOuterDisposeScope();
    }

    private static bool IsWhole(LoraTarget target, int factor)
    {
        var ((_, outLarge), (_, inLarge)) = Sides(target, factor);
        return 2 * target.Rank >= Math.Max(outLarge, inLarge);
    }

    private static ((long Small, long Large) Out, (long Small, long Large) In) Sides(LoraTarget target, int factor) =>
        (Split(target.UpShape[0], factor), Split(target.DownShape[1], factor));
}
