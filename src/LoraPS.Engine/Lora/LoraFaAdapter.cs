using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>A pair of low-rank factors of which only up is trained: half the gradients and no input to be kept for down's.</summary>
/// <remarks>
/// Zhang et al., "LoRA-FA: Memory-efficient low-rank adaptation", 2023. Follows sd-scripts networks/lora_fa.py@48d368fa: down is
/// normal with variance 2 / (in + rank) and stays, up starts at zero.
/// </remarks>
public sealed class LoraFaAdapter : FactorPairAdapter
{
    /// <summary>Makes the factors, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public LoraFaAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
        : base(target, index, dropout, FactorInit.Normal(FactorInit.Random(index, seed), Deviation(target), target.DownShape, target))
    {
        Down.requires_grad = false;
        Parameters = [new(target.UpKey, Up, IsUp: true)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }

    private static double Deviation(LoraTarget target) => Math.Sqrt(2.0 / (target.DownShape[1] + target.Rank));
}
