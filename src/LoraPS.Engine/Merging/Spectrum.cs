namespace LoraPS.Engine.Merging;

/// <summary>The singular values of a matrix.</summary>
/// <param name="Values">The values that are known, largest first.</param>
/// <param name="Length">How many the matrix has: the smaller of its two sides.</param>
/// <param name="Energy">Sum of the squares of all of them, which is the squared Frobenius norm.</param>
/// <param name="IsComplete">True when the values not listed are all zero; false when a sketch left them out.</param>
public sealed record Spectrum(IReadOnlyList<double> Values, int Length, double Energy, bool IsComplete)
{
    /// <summary>The spectrum of a matrix whose values not listed are zero.</summary>
    public Spectrum(IReadOnlyList<double> values, int length)
        : this(values, length, values.Sum(v => v * v), IsComplete: true)
    {
    }

    /// <summary>The largest singular value; 0 for a matrix of no rank.</summary>
    public double Largest => Values.Count == 0 ? 0 : Values[0];

    /// <summary>Relative Frobenius error of keeping the strongest <paramref name="rank"/> directions: 0 (nothing lost) to 1.</summary>
    public double RelativeErrorAt(int rank)
    {
        if (Energy == 0)
            return 0;
        // The lost part is summed by itself where it is known: a difference of two nearly equal energies has no digits left.
        var lost = IsComplete
            ? Values.Skip(rank).Sum(v => v * v)
            : Math.Max(0, Energy - Values.Take(rank).Sum(v => v * v));
        return Math.Sqrt(lost / Energy);
    }
}
