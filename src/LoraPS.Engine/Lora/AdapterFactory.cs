namespace LoraPS.Engine.Lora;

/// <summary>Makes adapters of the kind a network has.</summary>
public static class AdapterFactory
{
    /// <summary>Makes one, with first values that change nothing.</summary>
    /// <param name="options">The network's kind.</param>
    /// <param name="target">The layer.</param>
    /// <param name="index">The module's place in the network.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    public static NetworkAdapter Create(LoraOptions options, LoraTarget target, int index, long seed, LoraDropout dropout)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Kind switch
        {
            NetworkKind.Lora => new LoraAdapter(target, index, seed, dropout),
            NetworkKind.LoraFa => new LoraFaAdapter(target, index, seed, dropout),
            NetworkKind.DyLora => new DyLoraAdapter(target, index, seed, dropout, options),
            NetworkKind.Dora => new DoraAdapter(target, index, seed, dropout),
            NetworkKind.Loha => new LohaAdapter(target, index, seed, dropout),
            NetworkKind.Lokr => new LokrAdapter(target, index, seed, dropout, options.Factor),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "There is no such kind of network."),
        };
    }

    /// <summary>Numbers that are trained for a layer.</summary>
    /// <param name="options">The network's kind.</param>
    /// <param name="target">The layer.</param>
    public static long ParameterCount(LoraOptions options, LoraTarget target)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(target);
        IEnumerable<long[]> shapes = options.Kind switch
        {
            NetworkKind.Dora => [DoraAdapter.MagnitudeShape(target), target.DownShape, target.UpShape],
            NetworkKind.Loha => LohaAdapter.Shapes(target).Select(factor => factor.Shape),
            NetworkKind.Lokr => LokrAdapter.Shapes(target, options.Factor).Select(factor => factor.Shape),
            NetworkKind.LoraFa => [target.UpShape],
            _ => [target.DownShape, target.UpShape],
        };
        return shapes.Sum(LoraTarget.Elements);
    }
}
