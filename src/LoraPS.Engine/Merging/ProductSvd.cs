using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>up·down as left · U·diag(values)·Vh · right: its singular value decomposition, with the large sides left as products.</summary>
/// <param name="Left">[out, n], float32, or float64 where terms cancel each other: left singular vectors are Left·U.</param>
/// <param name="U">[n, k], float64, for as many directions as were wanted.</param>
/// <param name="Values">[min(n, in)] or fewer, all there are, float64, largest first.</param>
/// <param name="Vh">[k, n], float64.</param>
/// <param name="Right">[n, in], of the same type: right singular vectors are the rows of Vh·Right.</param>
internal sealed record ProductSvd(Tensor Left, Tensor U, Tensor Values, Tensor Vh, Tensor Right)
{
    /// <summary>How much larger than float32's own rounding a product through <see cref="Left"/> may be, as a share of the largest value.</summary>
    private const double MostAmplification = 64;

    /// <summary>The smallest kept value that the eigenvalues, which are squares, still give to seven digits.</summary>
    private const double LeastValue = 1e-4;

    /// <summary>The sum of squares below which up is left to <see cref="ByQr"/>: its inverse must be a number in float32.</summary>
    private const double LeastSquares = 1e-24;

    /// <summary>Where the largest value is no more than this share of what the terms are together, they cancel each other, and float32's rounding shows.</summary>
    private const double Cancelled = 1e-3;

    /// <summary>The share that is nothing but float64's rounding.</summary>
    private const double Noise = 1e-13;

    /// <summary>How many singular values there are: n, or the smaller side where that is less.</summary>
    public int Count => (int)Values.shape[0];

    /// <summary>The singular values, largest first.</summary>
    public double[] Numbers => Values.data<double>().ToArray();

    /// <summary>Through thin QRs of both factors and a dense decomposition of the small core: right for any factors.</summary>
    /// <remarks>
    /// With up = Q₁R₁ and downᵀ = Q₂R₂, up·down = Q₁(R₁R₂ᵀ)Q₂ᵀ. The QRs in float32 are the only rounding. Where the terms cancel
    /// each other they are made again in float64; where nothing is left but the rounding of that, all values are zero.
    /// </remarks>
    /// <param name="up">[out, n], float32.</param>
    /// <param name="down">[n, in], float32.</param>
    public static ProductSvd ByQr(Tensor up, Tensor down)
    {
        var svd = ThroughQr(up, down, out var share);
        if (share is > 0 and < Cancelled)
            svd = ThroughQr(up.to(float64), down.to(float64), out share);
        return share < Noise ? svd with { Values = zeros_like(svd.Values) } : svd;
    }

    /// <summary>Through the factors' Gram matrices in float64: half the work, for factors whose columns are not nearly dependent.</summary>
    /// <remarks>
    /// With upᵀup = LLᵀ (Cholesky) and G = down·downᵀ, the symmetric LᵀGL = VΛVᵀ has the squares of the singular values, and
    /// up·down = (up·L⁻ᵀV)(VᵀLᵀ·down). L⁻ᵀV = GLVΛ⁻¹ needs no inverse.
    /// </remarks>
    /// <param name="up">[out, n], float32.</param>
    /// <param name="down">[n, in], float32.</param>
    /// <param name="limit">How many directions are wanted at most; the values are given for all.</param>
    /// <returns>Null where up's columns are dependent.</returns>
    public static ProductSvd? ByGram(Tensor up, Tensor down, int limit)
    {
        var gram = GramMatrix.Of(up);
        var (lower, failed) = linalg.cholesky_ex(gram);
        if (failed.item<int>() != 0 || gram.trace().item<double>() < LeastSquares)
            return null;
        var half = GramMatrix.Of(down.t()).matmul(lower);
        // Of a matrix narrower than n, no more than its width are not zero.
        var count = Math.Min(down.shape[0], down.shape[1]);
        var (squares, vectors) = SymmetricEigen.Largest(lower.t().matmul(half), (int)Math.Min(limit, count));
        var values = squares.narrow(0, 0, count).AtLeast(0).sqrt();
        var kept = values.narrow(0, 0, vectors.shape[1]);
        var u = half.matmul(vectors) / kept.Squared();
        var vh = lower.matmul(vectors).t() / kept.unsqueeze(1);
        return new(up, u, values, vh, down);
    }

    /// <summary>The singular values alone, largest first.</summary>
    /// <inheritdoc cref="ByQr" path="/param"/>
    public static double[] ValuesOf(Tensor up, Tensor down) =>
        linalg.svdvals(Core(linalg.qr(up).R, linalg.qr(down.t()).R)).data<double>().ToArray();

    /// <summary>In the factors' own type. The share is that of the largest value in the lengths of all terms, a column of up times a row of down each.</summary>
    private static ProductSvd ThroughQr(Tensor up, Tensor down, out double share)
    {
        var (left, leftCore) = linalg.qr(up);
        var (right, rightCore) = linalg.qr(down.t());
        var (u, values, vh) = linalg.svd(Core(leftCore, rightCore), fullMatrices: false);
        var terms = (Lengths(leftCore.to(float64)) * Lengths(rightCore.to(float64))).sum().item<double>();
        share = terms > 0 ? values[0].item<double>() / terms : 0;
        return new(left, u, values, vh, right.t());
    }

    // The dimension by its name: a bare 0 would be a type.
    private static Tensor Lengths(Tensor matrix) => matrix.Squared().sum(dim: 0).sqrt();

    // The factors are finite, but lengths of their columns need not be.
    private static Tensor Core(Tensor left, Tensor right)
    {
        var core = left.to(float64).matmul(right.to(float64).t());
        return Finite.All(core) ? core : throw new LoraMergeException(
            "LoraOverflow", $"A change with factors of rank {left.shape[1]} is larger than float32 can hold. The file is damaged; take an earlier save of this LoRA.");
    }

    /// <summary>The strongest directions as factors.</summary>
    /// <param name="kept">How many, at most <see cref="Count"/>.</param>
    /// <param name="balance">How the values are shared between the two.</param>
    /// <returns>up [out, kept] and down [kept, in], float32.</returns>
    public (Tensor Up, Tensor Down) Cut(int kept, FactorBalance balance)
    {
        var values = Values.narrow(0, 0, kept);
        var (left, right) = balance == FactorBalance.Up ? (values, ones_like(values)) : (values.sqrt(), values.sqrt());
        return (
            Left.matmul((U.narrow(1, 0, kept) * left).to(Left.dtype)).to(float32),
            (right.unsqueeze(1) * Vh.narrow(0, 0, kept)).to(Right.dtype).matmul(Right).to(float32));
    }

    /// <summary>True when the first <paramref name="kept"/> directions come out as accurate as by <see cref="ByQr"/>, to a digit or so.</summary>
    public bool IsAccurateFor(int kept)
    {
        var shares = Values.narrow(0, 0, kept) / Values[0];
        var lengths = Lengths(U.narrow(1, 0, kept));
        var largest = (lengths * shares).max().item<double>() * Left.norm().item<float>();
        return shares[kept - 1].item<double>() >= LeastValue && largest <= MostAmplification;
    }
}
