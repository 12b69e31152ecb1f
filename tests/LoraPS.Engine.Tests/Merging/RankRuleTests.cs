using LoraPS.Engine.Merging;

namespace LoraPS.Engine.Tests.Merging;

public class RankRuleTests
{
    private static readonly Spectrum Halving = new([8, 4, 2, 1, 0.5, 0.25], 10);

    [Theory]
    [InlineData(RankCriterion.SvRatio, 3, 3)] // 8 and 4 are above 8/3, and one more
    [InlineData(RankCriterion.SvRatio, 1, 2)] // at least one, and one more
    [InlineData(RankCriterion.SvFro, 0.9, 3)] // 64 of 85.3 hold 0.866 of the norm, 80 hold 0.968
    [InlineData(RankCriterion.SvCumulative, 0.9, 5)] // 8 + 4 + 2 of 15.75 are 0.889
    [InlineData(RankCriterion.SvFro, 1, 7)]
    public void An_adaptive_rule_keeps_one_direction_more_than_it_needs(RankCriterion criterion, double threshold, int expected) =>
        Assert.Equal(expected, RankRule.Create(criterion, threshold, 100).Choose(Halving));

    [Fact]
    public void The_limit_and_the_matrix_bound_every_rule()
    {
        Assert.Equal(2, RankRule.Create(RankCriterion.SvFro, 1, 2).Choose(Halving));
        Assert.Equal(10, RankRule.Fixed(64).Choose(Halving));
        Assert.Equal(1, RankRule.Create(RankCriterion.SvFro, 0.5, 4).Choose(new Spectrum([3.0], 1)));
    }

    [Fact]
    public void A_matrix_of_nothing_gets_rank_one() =>
        Assert.Equal(1, RankRule.Fixed(8).Choose(new Spectrum([1e-7, 0], 20)));

    [Fact]
    public void Of_a_sum_the_faintest_directions_count_and_a_fixed_rank_is_fixed()
    {
        var faint = new Spectrum([1e-7, 1e-7, 0], 20);
        Assert.Equal(8, (RankRule.Fixed(9) with { CountsFaint = true }).WithLimit(8).Choose(faint));
        Assert.Equal(8, (RankRule.Fixed(8) with { CountsFaint = true }).Choose(new Spectrum([0, 0], 20)));
        Assert.Equal(3, (RankRule.Create(RankCriterion.SvFro, 0.95, 8) with { CountsFaint = true }).Choose(faint));
        Assert.Equal(1, (RankRule.Create(RankCriterion.SvFro, 0.95, 8) with { CountsFaint = true }).Choose(new Spectrum([0, 0], 20)));
    }

    [Theory]
    [InlineData(RankCriterion.SvRatio, 0.9)]
    [InlineData(RankCriterion.SvFro, 0)]
    [InlineData(RankCriterion.SvCumulative, 1.1)]
    [InlineData(RankCriterion.SvFro, double.NaN)]
    public void A_threshold_outside_its_range_is_refused(RankCriterion criterion, double threshold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RankRule.Create(criterion, threshold, 4));

    [Fact]
    public void A_sum_of_values_cannot_be_taken_from_a_sketch() =>
        Assert.Throws<ArgumentException>(() =>
            RankRule.Create(RankCriterion.SvCumulative, 0.9, 4).Choose(new Spectrum([3.0, 2], 20, 14, IsComplete: false)));
}
