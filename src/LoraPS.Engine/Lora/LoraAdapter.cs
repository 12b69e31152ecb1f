namespace LoraPS.Engine.Lora;

/// <summary>A pair of low-rank factors that are both trained.</summary>
/// <remarks>Follows LoRAModule of sd-scripts networks/lora.py@48d368fa: down starts uniform in ±1/√(fan in), up at zero.</remarks>
public sealed class LoraAdapter : FactorPairAdapter
{
    /// <summary>Makes the factors, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public LoraAdapter(LoraTarget target, int index, long seed, LoraDropout dropout)
        : base(target, index, dropout, FactorInit.Down(target, index, seed)) =>
        Parameters = [new(target.DownKey, Down, IsUp: false), new(target.UpKey, Up, IsUp: true)];

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters { get; }
}
