using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The strongest directions of a dense matrix, found with a random sketch, and the error that is left, measured.</summary>
/// <remarks>
/// Halko, Martinsson, Tropp, "Finding structure with randomness" (SIAM Review 2011), algorithms 4.4 and 5.1: the range of
/// the matrix is sampled with Gaussian vectors, sharpened by power iterations with QR between them, and the matrix seen
/// from that range is decomposed exactly by <see cref="LowRank"/>. Where the sketch would be as wide as the matrix the
/// answer is exact. The sketch's numbers are named by a seed and an item, so the same matrix gives the same factors.
/// </remarks>
public static class RandomisedSvd
{
    /// <summary>Columns of the sketch above the rank asked for.</summary>
    public const int Oversampling = 16;

    /// <summary>Products with the matrix and its transpose that sharpen the sketch.</summary>
    public const int PowerIterations = 4;

    /// <summary>A low-rank approximation of a dense matrix.</summary>
    /// <param name="matrix">Any matrix [out, in].</param>
    /// <param name="rule">Chooses the rank; SvCumulative is refused where the sketch is thinner than the matrix.</param>
    /// <param name="seed">Names the random numbers.</param>
    /// <param name="item">Tells matrices of one run apart.</param>
    /// <param name="balance">How the singular values are shared between the two factors.</param>
    /// <returns>Factors whose <see cref="LowRankFactors.RelativeError"/> is the norm of the residual itself, not an estimate.</returns>
    public static LowRankFactors Compress(
        Tensor matrix, RankRule rule, long seed = 0, int item = 0, FactorBalance balance = FactorBalance.Even)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(rule);
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var dense = matrix.to(float32);
        var (rows, columns) = (dense.shape[0], dense.shape[1]);
        var width = Math.Min(rule.Limit + (long)Oversampling, Math.Min(rows, columns));
        var isWhole = width == Math.Min(rows, columns);
        // The whole range needs no search; the identity on the thinner side spans it.
        var (up, down) = !isWhole ? Sketch(dense, width, new CounterRandom(seed, RandomPurpose.Sketch, item: item))
            : rows <= columns ? (eye(rows, dtype: float32), dense) : (dense, eye(columns, dtype: float32));

        var factors = LowRank.Compress(up, down, rule, balance, isWhole ? null : SquaredNorm.Of(dense));
        return Measured(dense, factors.Up, factors.Down, factors.Spectrum).MoveToOuterDisposeScope();
    }

    /// <summary>Factors with their distance from a dense matrix, measured.</summary>
    internal static LowRankFactors Measured(Tensor dense, Tensor up, Tensor down, Spectrum spectrum)
    {
        var residual = SquaredNorm.OfDistance(dense, up, down);
        return new LowRankFactors(up, down, spectrum, spectrum.Energy == 0 ? 0 : Math.Sqrt(residual / spectrum.Energy));
    }

    private static (Tensor Basis, Tensor Coordinates) Sketch(Tensor matrix, long width, CounterRandom random)
    {
        var basis = linalg.qr(matrix.matmul(random.Normal(matrix.shape[1], width))).Q;
        for (var i = 0; i < PowerIterations; i++)
        {
            var other = linalg.qr(matrix.t().matmul(basis)).Q;
            basis = linalg.qr(matrix.matmul(other)).Q;
        }

        return (basis, basis.t().matmul(matrix));
    }
}
