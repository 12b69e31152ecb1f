using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Merging;

public class BlockWeightsTests
{
    [Fact]
    public void A_list_sets_its_blocks_and_leaves_the_others_at_one()
    {
        var weights = BlockWeights.Parse("0,1,0.5,0.25,1,1,1,-2,1,1,1,1");
        Assert.Equal(0, weights[UNetBlock.BASE]);
        Assert.Equal(0.5, weights[UNetBlock.IN05]);
        Assert.Equal(-2, weights[UNetBlock.OUT01]);
        Assert.Equal(1, weights[UNetBlock.OUT11]);
        Assert.Equal(1, weights[null]);
    }

    [Fact]
    public void Blocks_are_named_in_any_case()
    {
        var weights = BlockWeights.Parse("in04=0.5, MID=0,Out11=1.5");
        Assert.Equal((0.5, 0, 1.5, 1), (weights[UNetBlock.IN04], weights[UNetBlock.MID], weights[UNetBlock.OUT11], weights[UNetBlock.BASE]));
    }

    [Theory]
    [InlineData("IND", "1,0,0,0,1,1,1,0,0,0,0,0,0,0,0,0,0")]
    [InlineData("INS", "1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0")]
    [InlineData("INALL", "1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0")]
    [InlineData("midd", "1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0")]
    [InlineData("OUTD", "1,0,0,0,0,0,0,0,1,1,1,1,0,0,0,0,0")]
    [InlineData("OUTS", "1,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1")]
    [InlineData("OUTALL", "1,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1")]
    [InlineData("NONE", "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0")]
    [InlineData("ALL", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1")]
    public void Presets_equal_the_lists_users_know_in_the_blocks_those_have(string preset, string list)
    {
        var (expected, actual) = (BlockWeights.Parse(list), BlockWeights.Parse(preset));
        Assert.All(BlockLayout.OfLength(17), block => Assert.Equal(expected[block], actual[block]));
    }

    [Fact]
    public void A_curve_runs_along_both_sides_with_its_offset()
    {
        var weights = BlockWeights.Parse("sine+0.25");
        Assert.Equal(0.25, weights[UNetBlock.IN00]);
        Assert.Equal(Math.Sin(Math.PI / 2 * 3 / 11) + 0.25, weights[UNetBlock.OUT03], 1e-12);
        Assert.Equal(1.25, weights[UNetBlock.OUT11]);
        Assert.Equal(1, weights[UNetBlock.MID]);
    }

    [Fact]
    public void Curves_are_mirrored_and_scaled_to_the_side()
    {
        Assert.Equal(BlockCurve.TryParse("sine", 9)!.Reverse(), BlockCurve.TryParse("cosine", 9)!);
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], BlockCurve.TryParse("linear", 5)!);
        Assert.Equal([1, 0.75, 0.5, 0.25, 0], BlockCurve.TryParse("Reverse_Linear", 5)!);
        Assert.Equal([0.5, 0.5], BlockCurve.TryParse("zeros+0.5", 2)!);
        Assert.Null(BlockCurve.TryParse("sine+x", 5));
    }

    [Fact]
    public void Sides_may_be_given_alone()
    {
        var weights = BlockWeights.FromSides([0, 0.5], mid: null, up: null);
        Assert.Equal((0, 0.5, 1, 1), (weights[UNetBlock.IN00], weights[UNetBlock.IN01], weights[UNetBlock.IN02], weights[UNetBlock.MID]));
        Assert.Throws<ArgumentException>(() => BlockWeights.FromSides(null, 1, new double[13]));
    }

    [Theory]
    [InlineData("1,2,3")]
    [InlineData("IN12=1")]
    [InlineData("5=1")]
    [InlineData("IN04=x")]
    [InlineData("IN04=0.5,1")]
    [InlineData("sin")]
    [InlineData("IN04=NaN")]
    public void Anything_else_is_refused(string text) => Assert.Throws<ArgumentException>(() => BlockWeights.Parse(text));

    [Fact]
    public void Text_reads_back_as_equal_weights()
    {
        var weights = BlockWeights.Parse("IN04=0.5,MID=0");
        Assert.Equal("IN04=0.5,MID=0", weights.ToString());
        Assert.Equal(weights, BlockWeights.Parse(weights.ToString()));
        Assert.Equal(BlockWeights.Ones, BlockWeights.Parse(BlockWeights.Ones.ToString()));
        Assert.NotEqual(weights, BlockWeights.Ones);
    }
}
