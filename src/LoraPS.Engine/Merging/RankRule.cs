namespace LoraPS.Engine.Merging;

/// <summary>Chooses the rank of a module from its singular values.</summary>
/// <remarks>
/// Follows sd-scripts networks/resize_lora.py@48d368fa, including that an adaptive criterion keeps one direction more
/// than it needs, so that ranks equal those of existing recipes. The one thing not followed: a rank above the smaller
/// side of the matrix, which that tool fails on, is lowered to it.
/// </remarks>
public sealed record RankRule
{
    /// <summary>A matrix whose largest singular value is not above this counts as zero and gets rank 1, unless <see cref="CountsFaint"/>.</summary>
    private const double NegligibleSingularValue = 1e-6;

    private RankRule(RankCriterion criterion, double threshold, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        (Criterion, Threshold, Limit) = (criterion, threshold, limit);
    }

    /// <summary>What decides the rank.</summary>
    public RankCriterion Criterion { get; }

    /// <summary>The criterion's number: a ratio above 1, or a share in (0, 1]; not used by <see cref="RankCriterion.Fixed"/>.</summary>
    public double Threshold { get; }

    /// <summary>The rank asked for, or the largest an adaptive criterion may choose; at least 1.</summary>
    public int Limit { get; }

    /// <summary>
    /// True for sums, whose faintest directions count too: sd-scripts networks/svd_merge_lora.py@48d368fa gives every module the rank that is
    /// asked for. False as in resize_lora.py, where a matrix with no singular value above 1e-6 gets rank 1.
    /// </summary>
    public bool CountsFaint { get; init; }

    /// <summary>The same rank everywhere.</summary>
    public static RankRule Fixed(int rank) => new(RankCriterion.Fixed, 0, rank);

    /// <summary>A rule by its criterion.</summary>
    /// <param name="criterion">What decides the rank.</param>
    /// <param name="threshold">A ratio of at least 1 for SvRatio, a share in (0, 1] for SvFro and SvCumulative; ignored for Fixed.</param>
    /// <param name="limit">The rank asked for, or the largest one allowed; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold or the limit is outside its range.</exception>
    public static RankRule Create(RankCriterion criterion, double threshold, int limit)
    {
        switch (criterion)
        {
            case RankCriterion.Fixed:
                return Fixed(limit);
            case RankCriterion.SvRatio when threshold >= 1:
            case RankCriterion.SvFro or RankCriterion.SvCumulative when threshold is > 0 and <= 1:
                return new RankRule(criterion, threshold, limit);
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(threshold), threshold,
                    $"{criterion} takes {(criterion == RankCriterion.SvRatio ? "a ratio of at least 1, such as 20" : "a share above 0 and up to 1, such as 0.95")}.");
        }
    }

    /// <summary>The same criterion with another limit, for modules of another kind.</summary>
    public RankRule WithLimit(int limit) => new(Criterion, Threshold, limit) { CountsFaint = CountsFaint };

    /// <summary>The rank for a matrix.</summary>
    /// <param name="spectrum">The matrix's singular values.</param>
    /// <returns>1 up to the smaller of <see cref="Limit"/> and the matrix's smaller side. It may exceed the true rank.</returns>
    /// <exception cref="ArgumentException">SvCumulative was given a spectrum that a sketch left incomplete.</exception>
    public int Choose(Spectrum spectrum)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        if (IsNothing(spectrum.Largest))
            return 1;
        var wanted = Criterion == RankCriterion.Fixed
            ? Limit
            : Math.Clamp(CountNeeded(spectrum), 1, Math.Max(1, spectrum.Length - 1)) + 1;
        return Math.Min(Math.Min(wanted, Limit), spectrum.Length);
    }

    private bool IsNothing(double largest) => CountsFaint ? largest == 0 && Criterion != RankCriterion.Fixed : largest <= NegligibleSingularValue;

    private int CountNeeded(Spectrum spectrum) => Criterion switch
    {
        RankCriterion.SvRatio => spectrum.Values.Count(v => v > spectrum.Largest / Threshold),
        RankCriterion.SvFro => CountUntil(spectrum.Values.Select(v => v * v), Threshold * Threshold * spectrum.Energy),
        _ when spectrum.IsComplete => CountUntil(spectrum.Values, Threshold * spectrum.Values.Sum()),
        _ => throw new ArgumentException("SvCumulative needs every singular value, and a sketch knows only the strongest. Use SvFro or SvRatio.", nameof(spectrum)),
    };

    private static int CountUntil(IEnumerable<double> terms, double target)
    {
        var (count, sum) = (0, 0.0);
        foreach (var term in terms)
        {
            count++;
            sum += term;
            if (sum >= target)
                break;
        }

        return count;
    }
}
