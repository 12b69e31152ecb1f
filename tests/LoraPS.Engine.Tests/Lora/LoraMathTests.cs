using LoraPS.Engine.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public class LoraMathTests
{
    [Fact]
    public void Delta_of_a_convolution_is_the_two_convolutions_one_after_the_other()
    {
        using var scope = NewDisposeScope();
        var down = rand(3, 4, 3, 3);
        var up = rand(5, 3, 1, 1);
        var x = rand(1, 4, 7, 7);
        var delta = LoraMath.Delta(up, down, 0.5, [5, 4, 3, 3]);
        var expected = nn.functional.conv2d(nn.functional.conv2d(x, down, padding: [1, 1]), up) * 0.5;
        Assert.True(allclose(expected, nn.functional.conv2d(x, delta, padding: [1, 1]), rtol: 1e-4, atol: 1e-4));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Matrices_and_pointwise_convolutions_are_the_same(bool loraIsConvolution, bool weightIsConvolution)
    {
        using var scope = NewDisposeScope();
        var (down, up) = (rand(2, 4, dtype: ScalarType.Float16), rand(3, 2));
        var expected = matmul(up, down.to(ScalarType.Float32)) * -2;
        if (loraIsConvolution)
            (down, up) = (down.reshape(2, 4, 1, 1), up.reshape(3, 2, 1, 1));
        long[] shape = weightIsConvolution ? [3, 4, 1, 1] : [3, 4];
        Assert.True(LoraMath.Fits(up.shape, down.shape, shape));
        var delta = LoraMath.Delta(up, down, -2, shape);
        Assert.Equal(shape, delta.shape);
        Assert.Equal(ScalarType.Float32, delta.dtype);
        Assert.True(allclose(expected, delta.reshape(3, 4)));
    }

    [Theory]
    [InlineData(new long[] { 3, 4 }, true)]
    [InlineData(new long[] { 4, 4 }, false)]
    [InlineData(new long[] { 3, 5 }, false)]
    [InlineData(new long[] { 3, 4, 3, 3 }, false)]
    [InlineData(new long[] { 12 }, false)]
    public void Factors_fit_a_weight_of_their_own_sizes_only(long[] shape, bool fits) =>
        Assert.Equal(fits, LoraMath.Fits([3, 2], [2, 4], shape));

    [Fact]
    public void Strength_is_alpha_by_rank()
    {
        Assert.Equal(0.5, LoraMath.Scale(8, 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => LoraMath.Scale(8, 0));
    }

    [Fact]
    public void Delta_leaves_nothing_behind()
    {
        using var up = rand(3, 2);
        using var down = rand(2, 4);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LoraMath.Delta(up, down, 1, [3, 4]).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
