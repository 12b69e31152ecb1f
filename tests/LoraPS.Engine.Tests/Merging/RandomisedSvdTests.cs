using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public class RandomisedSvdTests
{
    static RandomisedSvdTests() => TorchRuntime.EnsureLoaded();

    private static Tensor Normal(int item, params long[] shape) =>
        new CounterRandom(3, RandomPurpose.NetworkInit, item: item).Normal(shape);

    private static double BestError(Tensor matrix, int rank)
    {
        var s = linalg.svdvals(matrix.to(float64)).square();
        return Math.Sqrt((s.narrow(0, rank, s.shape[0] - rank).sum() / s.sum()).item<double>());
    }

    [Fact]
    public void A_matrix_of_low_rank_is_found_whole()
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(1, 150, 5).matmul(Normal(2, 5, 130));
        using var factors = RandomisedSvd.Compress(matrix, RankRule.Fixed(5));
        Assert.InRange(factors.RelativeError, 0, 1e-6);
    }

    [Fact]
    public void Even_a_flat_spectrum_is_cut_within_a_hundredth_of_the_best()
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(1, 200, 160);
        using var factors = RandomisedSvd.Compress(matrix, RankRule.Fixed(16));
        Assert.InRange(factors.RelativeError, BestError(matrix, 16), BestError(matrix, 16) * 1.01);
    }

    [Theory]
    [InlineData(20, 300)]
    [InlineData(300, 20)]
    public void A_sketch_as_wide_as_the_matrix_is_exact(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(1, rows, columns);
        using var factors = RandomisedSvd.Compress(matrix, RankRule.Create(RankCriterion.SvCumulative, 0.5, 8));
        Assert.Equal(BestError(matrix, factors.Rank), factors.RelativeError, 1e-5);
    }

    [Fact]
    public void The_reported_error_is_the_norm_of_the_residual()
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(1, 90, 80);
        using var factors = RandomisedSvd.Compress(matrix, RankRule.Fixed(4));
        var residual = (matrix - factors.Up.matmul(factors.Down)).norm() / matrix.norm();
        Assert.Equal(residual.item<float>(), factors.RelativeError, 1e-5);
    }

    [Fact]
    public void The_same_seed_and_item_give_the_same_factors_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        var matrix = Normal(1, 120, 100);
        using var first = RandomisedSvd.Compress(matrix, RankRule.Fixed(4), seed: 5, item: 9);
        using var again = RandomisedSvd.Compress(matrix, RankRule.Fixed(4), seed: 5, item: 9);
        using var other = RandomisedSvd.Compress(matrix, RankRule.Fixed(4), seed: 6, item: 9);
        Assert.True(first.Up.equal(again.Up).all().item<bool>());
        Assert.False(first.Up.equal(other.Up).all().item<bool>());
    }
}
