using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Runtime;

public class FiniteTests
{
    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void One_number_that_is_not_finite_is_found_wherever_it_lies(ScalarType type)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            for (var place = 0; place < 70; place++)
            {
                var values = new double[70];
                Array.Fill(values, -3);
                var fine = tensor(values, float64).to(type);
                values[place] = bad;
                var broken = tensor(values, float64).to(type);
                Assert.True(Finite.All(fine));
                Assert.False(Finite.All(broken));
                Assert.False(Finite.All(broken.view(7, 10).t()));
            }
        }
    }

    [Fact]
    public void The_largest_numbers_and_none_at_all_are_finite()
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        Assert.True(Finite.All(tensor(new[] { 65504f, -65504f, 0f, -0f, 6e-8f }, float32).to(float16)));
        Assert.True(Finite.All(tensor(new[] { float.MaxValue, float.MinValue, float.Epsilon }, float32)));
        Assert.True(Finite.All(empty(0, float16)));
    }
}
