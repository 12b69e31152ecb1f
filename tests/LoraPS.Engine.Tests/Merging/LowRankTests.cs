using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public class LowRankTests
{
    static LowRankTests() => TorchRuntime.EnsureLoaded();

    private static Tensor Normal(int item, params long[] shape) =>
        new CounterRandom(7, RandomPurpose.NetworkInit, item: item).Normal(shape);

    private static double Distance(Tensor a, Tensor b) => ((a - b).norm() / b.norm()).item<float>();

    [Theory]
    [InlineData(40, 30, 6)]
    [InlineData(10, 200, 12)] // more stacked ranks than rows
    [InlineData(200, 5, 5)]
    public void Full_rank_loses_nothing(int rows, int columns, int rank)
    {
        using var scope = NewDisposeScope();
        var (up, down) = (Normal(1, rows, rank), Normal(2, rank, columns));
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(rank));
        Assert.InRange(Distance(factors.Up.matmul(factors.Down), up.matmul(down)), 0, 1e-6);
        Assert.InRange(factors.RelativeError, 0, 1e-7);
    }

    [Fact]
    public void Singular_values_and_truncation_equal_those_of_the_dense_decomposition()
    {
        using var scope = NewDisposeScope();
        var (up, down) = (Normal(1, 50, 9), Normal(2, 9, 70));
        var (u, s, vh) = linalg.svd(up.matmul(down), fullMatrices: false);
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(4));
        Assert.All(factors.Spectrum.Values.Zip(s.data<float>().ToArray()), p => Assert.Equal(p.Second, p.First, 1e-3f));
        var best = u.narrow(1, 0, 4).mul(s.narrow(0, 0, 4)).matmul(vh.narrow(0, 0, 4));
        Assert.InRange(Distance(factors.Up.matmul(factors.Down), best), 0, 1e-5);
        Assert.Equal(Distance(best, up.matmul(down)), factors.RelativeError, 1e-5);
    }

    // Directions of very different strengths, dependent columns, a factor narrower than the rank: the quick way, or the safe one.
    [Theory]
    [InlineData(96, 80, 24, 8, 0)]
    [InlineData(96, 80, 24, 8, 1)]
    [InlineData(96, 80, 24, 8, 2)]
    [InlineData(96, 80, 24, 20, 3)]
    [InlineData(96, 80, 24, 24, 6)]
    [InlineData(96, 16, 24, 12, 1)]
    [InlineData(16, 96, 24, 12, 1)]
    public void What_is_kept_is_the_best_there_is_whatever_the_strengths(int rows, int columns, int stacked, int rank, double decades)
    {
        using var scope = NewDisposeScope();
        var strengths = tensor(Enumerable.Range(0, stacked).Select(i => Math.Pow(10, -decades * i / stacked)).ToArray());
        var up = (Normal(1, rows, stacked).to(float64) * strengths).to(float32);
        var down = (strengths.unsqueeze(1) * Normal(2, stacked, columns).to(float64)).to(float32);
        var exact = up.to(float64).matmul(down.to(float64));
        var (u, s, vh) = linalg.svd(exact, fullMatrices: false);
        var best = (u.narrow(1, 0, rank) * s.narrow(0, 0, rank)).matmul(vh.narrow(0, 0, rank));
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(rank));
        var found = factors.Up.to(float64).matmul(factors.Down.to(float64));
        Assert.InRange((found - best).norm().item<double>() / exact.norm().item<double>(), 0, 1e-6);
        Assert.Equal(((exact - best).norm() / exact.norm()).item<double>(), factors.RelativeError, 1e-7);
        Assert.All(
            factors.Spectrum.Values.Zip(s.data<double>().ToArray()),
            pair => Assert.Equal(pair.Second, pair.First, 1e-6 * factors.Spectrum.Largest));
    }

    [Fact]
    public void The_same_LoRA_twice_is_itself_although_its_columns_are_dependent()
    {
        using var scope = NewDisposeScope();
        var (one, other) = (Normal(1, 40, 6), Normal(2, 6, 50));
        var (up, down) = LowRank.Stack([(one, other, 0.25), (one, other, 0.75)]);
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(6));
        Assert.InRange(Distance(factors.Up.matmul(factors.Down), one.matmul(other)), 0, 1e-6);
        Assert.InRange(factors.RelativeError, 0, 1e-6);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(64, 8)]
    [InlineData(200, 130)]
    public void Gram_matrices_are_the_products_in_float64(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(3, rows, columns);
        var expected = matrix.to(float64).t().matmul(matrix.to(float64));
        Assert.InRange((GramMatrix.Of(matrix) - expected).abs().max().item<double>(), 0, 1e-12 * rows);
        Assert.InRange((GramMatrix.Of(matrix.t().contiguous().t()) - expected).abs().max().item<double>(), 0, 1e-12 * rows);
        Assert.InRange((GramMatrix.Of(matrix.to(float16)) - GramMatrix.Of(matrix.to(float16).to(float32))).abs().max().item<double>(), 0, 0);
    }

    [Fact]
    public void Stacking_sums_the_products_with_the_sign_of_each_weight_once()
    {
        using var scope = NewDisposeScope();
        var (up1, down1, up2, down2) = (Normal(1, 8, 2), Normal(2, 2, 6), Normal(3, 8, 3), Normal(4, 3, 6));
        var (up, down) = LowRank.Stack([(up1, down1, 0.5), (up2, down2, -2)]);
        Assert.Equal([8, 5], up.shape);
        Assert.InRange(Distance(up.matmul(down), (0.5 * up1.matmul(down1)) - (2 * up2.matmul(down2))), 0, 1e-6);
    }

    [Fact]
    public void Ranks_above_the_true_one_are_filled_with_zeros()
    {
        using var scope = NewDisposeScope();
        using var factors = LowRank.Compress(Normal(1, 20, 2), Normal(2, 2, 30), RankRule.Fixed(8));
        Assert.Equal(8, factors.Rank);
        Assert.Equal(0f, factors.Up.narrow(1, 2, 6).abs().max().item<float>());
        Assert.Equal(0f, factors.Down.narrow(0, 2, 6).abs().max().item<float>());
    }

    [Fact]
    public void Even_balance_gives_both_factors_the_same_norm_and_the_other_leaves_down_orthonormal()
    {
        using var scope = NewDisposeScope();
        var (up, down) = (Normal(1, 20, 4), Normal(2, 4, 30));
        using var even = LowRank.Compress(up, down, RankRule.Fixed(4));
        Assert.Equal(even.Up.norm().item<float>(), even.Down.norm().item<float>(), 1e-3f);
        using var upper = LowRank.Compress(up, down, RankRule.Fixed(4), FactorBalance.Up);
        Assert.InRange((upper.Down.matmul(upper.Down.t()) - eye(4)).abs().max().item<float>(), 0, 1e-5);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(64)]
    public void A_LoRA_less_itself_is_nothing_at_all(int rank)
    {
        using var scope = NewDisposeScope();
        var (one, other) = (Normal(1, 320, rank), Normal(2, rank, 768));
        var (up, down) = LowRank.Stack([(one, other, 0.7), (one, other, -0.7)]);
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(4) with { CountsFaint = true });
        Assert.Equal((4, 0.0, 0.0), (factors.Rank, factors.RelativeError, factors.Spectrum.Largest));
        Assert.Equal(0f, factors.Up.abs().max().item<float>());
    }

    /// <summary>As two saves of one training: what is left of their difference is a small part of either.</summary>
    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-4)]
    [InlineData(1e-5)]
    public void The_difference_of_two_LoRAs_that_are_nearly_one_is_found(double apart)
    {
        using var scope = NewDisposeScope();
        var (one, down) = (Normal(1, 320, 8), Normal(2, 8, 640));
        var (up, both) = LowRank.Stack([(one.add(Normal(3, 320, 8).mul(apart)), down, 1), (one, down, -1)]);
        using var factors = LowRank.Compress(up, both, RankRule.Fixed(8) with { CountsFaint = true });
        var exact = up.to(float64).matmul(both.to(float64));
        Assert.InRange(((factors.Up.to(float64).matmul(factors.Down.to(float64)) - exact).norm() / exact.norm()).item<double>(), 0, 1e-6);
    }

    [Theory]
    [InlineData(1e-21, 1)]
    [InlineData(1e-30, 1)]
    [InlineData(1e-18, 1e-18)]
    [InlineData(1e-25, 1e25)]
    [InlineData(1, 1e-30)]
    public void Faint_factors_keep_their_directions(double ofUp, double ofDown)
    {
        using var scope = NewDisposeScope();
        var (up, down) = (Normal(1, 32, 2).mul(ofUp), Normal(2, 2, 40).mul(ofDown));
        using var factors = LowRank.Compress(up, down, RankRule.Fixed(2) with { CountsFaint = true });
        var exact = up.to(float64).matmul(down.to(float64));
        Assert.InRange(((factors.Up.to(float64).matmul(factors.Down.to(float64)) - exact).norm() / exact.norm()).item<double>(), 0, 1e-6);
        Assert.InRange(factors.RelativeError, 0, 1e-6);
    }

    [Fact]
    public void A_difference_of_zero_keeps_one_zero_direction()
    {
        using var scope = NewDisposeScope();
        using var factors = LowRank.Compress(zeros(20, 4), Normal(2, 4, 30), RankRule.Fixed(4));
        Assert.Equal(1, factors.Rank);
        Assert.Equal(0, factors.RelativeError);
        Assert.Equal(0f, factors.Up.matmul(factors.Down).abs().max().item<float>());
    }

    [Fact]
    public void No_tensor_outlives_the_call_but_the_factors()
    {
        using var scope = NewDisposeScope();
        var (up, down) = (Normal(1, 20, 4), Normal(2, 4, 30));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LowRank.Compress(up, down, RankRule.Fixed(2)).Dispose();
        LowRank.Spectrum(up, down);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
