using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>The numbers that merge methods take. Each method names the ones it uses.</summary>
public sealed record MergeMethodOptions
{
    /// <summary>Rank of the result, or the most an adaptive criterion may choose.</summary>
    /// <value>Default null: what the exact sum needs.</value>
    public int? Rank { get; init; }

    /// <summary>The same for convolutions with a kernel larger than 1×1.</summary>
    /// <value>Default null: as <see cref="Rank"/>.</value>
    public int? ConvRank { get; init; }

    /// <summary>How the rank is chosen.</summary>
    /// <value>Default Fixed.</value>
    public RankCriterion Criterion { get; init; }

    /// <summary>The criterion's number, see <see cref="RankRule"/>.</summary>
    public double Threshold { get; init; }

    /// <summary>Clips both factors at this quantile of their entries, as sd-scripts does at 0.99. Lossy.</summary>
    /// <value>Above 0, up to 1; default null: no clipping.</value>
    public double? ClampQuantile { get; init; }

    /// <summary>Share of the entries of each weight difference that TIES and DARE keep.</summary>
    /// <value>Above 0, up to 1; default 0.5.</value>
    public double Density { get; init; } = 0.5;

    /// <summary>Names the random numbers of DARE and of randomised decompositions.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>FactorSum puts factors side by side instead of adding them.</summary>
    public bool Concat { get; init; }

    /// <summary>The type FactorSum calculates in; every other method calculates in float32.</summary>
    /// <value>Default F32.</value>
    public SafetensorsDType Precision { get; init; } = SafetensorsDType.F32;

    /// <summary>The rank rule for a module.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1 or the threshold outside its range.</exception>
    public RankRule RuleFor(MergeModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var limit = module.IsConvolution ? ConvRank ?? Rank : Rank;
        return RankRule.Create(Criterion, Threshold, limit ?? module.FullRank) with { CountsFaint = true };
    }

    /// <summary>The value, checked to be a share above 0 and up to 1.</summary>
    internal static double Share(double value, string name) => value is > 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is a share above 0 and up to 1.");
}
