namespace LoraPS.Engine.Lora;

/// <summary>Makes adapters of the kind a network has.</summary>
internal static class AdapterFactory
{
    /// <summary>Makes one, with first values that change nothing.</summary>
    /// <param name="options">The network's kind.</param>
    /// <param name="target">The layer.</param>
    /// <param name="index">The module's place in the network.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public static NetworkAdapter Create(LoraOptions options, LoraTarget target, int index, long seed, LoraDropout dropout) => options.Kind switch
    {
        NetworkKind.Lora => new LoraAdapter(target, index, seed, dropout),
        NetworkKind.DyLora => new DyLoraAdapter(target, index, seed, dropout, options.Unit),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "There is no such kind of network."),
    };
}
