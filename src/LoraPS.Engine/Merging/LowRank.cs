using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The singular value decomposition of a product of thin matrices, without ever building the product.</summary>
/// <remarks>
/// All that is decomposed is a matrix of the ranks' size, see <see cref="ProductSvd"/>. Cost grows with (out + in)·R², where a
/// dense decomposition costs out·in·min(out, in).
/// </remarks>
public static class LowRank
{
    /// <summary>Puts weighted products side by side: Σ wᵢ·upᵢ·downᵢ = stacked up · stacked down, exactly.</summary>
    /// <param name="terms">upᵢ [out, rᵢ], downᵢ [rᵢ, in] and the weight wᵢ; the weight goes to up, once.</param>
    /// <returns>up [out, Σr] and down [Σr, in], float32.</returns>
    public static (Tensor Up, Tensor Down) Stack(IReadOnlyCollection<(Tensor Up, Tensor Down, double Weight)> terms)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var up = cat([.. terms.Select(t => t.Up.to(float32).Times(t.Weight))], 1);
        var down = cat([.. terms.Select(t => t.Down.to(float32))], 0);
        return (up.MoveToOuterDisposeScope(), down.MoveToOuterDisposeScope());
    }

    /// <summary>The best approximation of up·down at the rank the rule chooses (Eckart-Young), √S in each factor.</summary>
    /// <param name="up">Left factor [out, R].</param>
    /// <param name="down">Right factor [R, in].</param>
    /// <param name="rule">Chooses the rank; ranks above the true one are filled with zeros.</param>
    /// <param name="balance">How the singular values are shared between the two factors.</param>
    public static LowRankFactors Compress(Tensor up, Tensor down, RankRule rule, FactorBalance balance = FactorBalance.Even) =>
        Compress(up, down, rule, balance, energy: null);

    /// <summary>Singular values of up·down.</summary>
    /// <param name="up">Left factor [out, R].</param>
    /// <param name="down">Right factor [R, in].</param>
    public static Spectrum Spectrum(Tensor up, Tensor down)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        using var alone = OneThread.Begin();
        using var scope = NewDisposeScope();
        return new Spectrum(ProductSvd.ValuesOf(up.to(float32), down.to(float32)), Side(up, down));
    }

    /// <summary>Frobenius norm of up·down, its entries taken as float32, from the small Gram matrices in float64: ‖up·down‖² = Σ (upᵀup ∘ down·downᵀ).</summary>
    /// <param name="up">Left factor [out, R].</param>
    /// <param name="down">Right factor [R, in].</param>
    public static double Norm(Tensor up, Tensor down)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        return Math.Sqrt(Math.Max(0, (GramMatrix.Of(up) * GramMatrix.Of(down.t())).sum().item<double>()));
    }

    /// <summary>‖A - B‖ / ‖A‖ in the Frobenius norm for two products of thin matrices; 0 when A is zero and B too.</summary>
    /// <remarks>Exact to about 1e-8 of the larger norm: below that the float64 sums have no digits left.</remarks>
    public static double RelativeDistance((Tensor Up, Tensor Down) a, (Tensor Up, Tensor Down) b)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var (up, down) = Stack([(a.Up, a.Down, 1), (b.Up, b.Down, -1)]);
        var distance = Norm(up, down);
        return distance == 0 ? 0 : distance / Norm(a.Up, a.Down);
    }

    /// <summary><see cref="Compress(Tensor, Tensor, RankRule, FactorBalance)"/> for a sketch: <paramref name="energy"/> is the squared norm of the matrix that up·down only covers in
    /// part, null when up·down is the matrix.</summary>
    internal static LowRankFactors Compress(Tensor up, Tensor down, RankRule rule, FactorBalance balance, double? energy)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        ArgumentNullException.ThrowIfNull(rule);
        using var alone = OneThread.Begin();
        using var scope = NewDisposeScope();
        var (left, right) = (up.to(float32), down.to(float32));
        var svd = ProductSvd.ByGram(left, right, rule.Limit);
        if (svd is null || !svd.IsAccurateFor(Math.Min(rule.Choose(Spectrum(svd)), svd.Count)))
            svd = ProductSvd.ByQr(left, right);

        var spectrum = Spectrum(svd);
        var rank = rule.Choose(spectrum);
        var kept = Math.Min(rank, svd.Count);
        var (newUp, newDown) = svd.Cut(kept, balance);
        return new LowRankFactors(
            Padded(newUp, [0, rank - kept, 0, 0]).MoveToOuterDisposeScope(),
            Padded(newDown, [0, 0, 0, rank - kept]).MoveToOuterDisposeScope(),
            spectrum,
            spectrum.RelativeErrorAt(kept));

        Spectrum Spectrum(ProductSvd of) => energy is { } whole
            ? new(of.Numbers, Side(up, down), whole, IsComplete: false)
            : new(of.Numbers, Side(up, down));
    }

    private static Tensor Padded(Tensor factor, long[] sides) => sides.All(side => side == 0) ? factor : nn.functional.pad(factor, sides);

    private static int Side(Tensor up, Tensor down) => (int)Math.Min(up.shape[0], down.shape[1]);
}
