namespace LoraPS.Engine.Lora;

/// <summary>Keeps the change of each layer below a Frobenius norm.</summary>
/// <remarks>
/// Follows apply_max_norm_regularization in sd-scripts networks/lora.py@48d368fa: a change whose norm is above the limit is
/// multiplied by limit / norm, half of it (as a power) in each factor.
/// </remarks>
public static class MaxNorm
{
    /// <summary>Limits every module.</summary>
    /// <param name="adapters">The network's modules.</param>
    /// <param name="limit">Largest norm, above 0.</param>
    public static WeightNorms Apply(IReadOnlyList<NetworkAdapter> adapters, double limit)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var (scaled, norms) = (0, new List<double>());
        foreach (var adapter in adapters)
        {
            var norm = adapter.DeltaNorm();
            if (norm > limit)
            {
                adapter.ScaleDelta(limit / norm);
                scaled++;
            }

            norms.Add(Math.Min(norm, limit));
        }

        return new(scaled, norms.Average(), norms.Max());
    }
}
