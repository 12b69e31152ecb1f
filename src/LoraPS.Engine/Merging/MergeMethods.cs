namespace LoraPS.Engine.Merging;

/// <summary>The merge methods there are.</summary>
public static class MergeMethods
{
    private static readonly Dictionary<string, Func<MergeMethodOptions, IMergeMethod>> Makers = new(StringComparer.OrdinalIgnoreCase)
    {
        [WeightedSumMerge.MethodName] = _ => new WeightedSumMerge(),
        [SvdMerge.MethodName] = options => new SvdMerge(options),
        [TiesMerge.MethodName] = options => new TiesMerge(options),
        [DareMerge.MethodName] = options => new DareMerge(options),
        [FactorSumMerge.MethodName] = options => new FactorSumMerge(options),
    };

    /// <summary>Their names; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys];

    /// <summary>A method by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="options">The method's numbers.</param>
    /// <exception cref="ArgumentException">There is no such method, or one of its numbers is outside its range.</exception>
    public static IMergeMethod Create(string name, MergeMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        return Makers.TryGetValue(name, out var make) ? make(options)
            : throw new ArgumentException($"There is no merge method '{name}'. Choose one of: {string.Join(", ", Names)}.", nameof(name));
    }
}
