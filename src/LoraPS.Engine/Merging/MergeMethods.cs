namespace LoraPS.Engine.Merging;

/// <summary>The merge methods there are.</summary>
public static class MergeMethods
{
    private static readonly string[] Ranks =
        [nameof(MergeMethodOptions.Rank), nameof(MergeMethodOptions.ConvRank), nameof(MergeMethodOptions.Criterion), nameof(MergeMethodOptions.Threshold)];

    private static readonly string[] Chances = [.. Ranks, nameof(MergeMethodOptions.Density), nameof(MergeMethodOptions.Seed)];

    private static readonly Dictionary<string, (Func<MergeMethodOptions, IMergeMethod> Make, string[] Numbers)> Makers = new(StringComparer.OrdinalIgnoreCase)
    {
        [WeightedSumMerge.MethodName] = (_ => new WeightedSumMerge(), []),
        [SvdMerge.MethodName] = (options => new SvdMerge(options), [.. Ranks, nameof(MergeMethodOptions.ClampQuantile)]),
        [TiesMerge.MethodName] = (options => new TiesMerge(options), Chances),
        [DareMerge.MethodName] = (options => new DareMerge(options), Chances),
        [FactorSumMerge.MethodName] = (options => new FactorSumMerge(options), [nameof(MergeMethodOptions.Concat), nameof(MergeMethodOptions.Precision)]),
    };

    /// <summary>Their names; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Keys];

    /// <summary>The methods that use one of the numbers.</summary>
    /// <param name="number">A property of <see cref="MergeMethodOptions"/>; none uses any other name.</param>
    public static IReadOnlyList<string> NamesUsing(string number) => [.. Makers.Where(method => method.Value.Numbers.Contains(number)).Select(method => method.Key)];

    /// <summary>A method by its name.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="options">The method's numbers.</param>
    /// <exception cref="ArgumentException">There is no such method, or one of its numbers is outside its range.</exception>
    public static IMergeMethod Create(string name, MergeMethodOptions options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        return Makers.TryGetValue(name, out var method) ? method.Make(options)
            : throw new ArgumentException($"There is no merge method '{name}'. Choose one of: {string.Join(", ", Names)}.", nameof(name));
    }
}
