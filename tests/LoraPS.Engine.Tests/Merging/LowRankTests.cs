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
