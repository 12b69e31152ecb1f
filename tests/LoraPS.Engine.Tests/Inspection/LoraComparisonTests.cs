using LoraPS.Engine.Inspection;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Merging;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Inspection;

public sealed class LoraComparisonTests : IDisposable
{
    private const string Module = "lora_unet_mid_block_attentions_0_proj_in";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(3, RandomPurpose.NetworkInit, item: item).Normal(shape);

    [Fact]
    public void A_file_equals_itself()
    {
        var result = LoraComparison.Compare(FuseCase.C3Lier, FuseCase.C3Lier);
        Assert.True(result.AreEqual);
        Assert.Equal(0, result.RelativeDifference);
        Assert.Equal(1, result.Cosine, 1e-9);
    }

    [Fact]
    public void Distances_and_cosines_equal_those_of_the_dense_products()
    {
        string a = TestFiles.Fixture("merge/A.safetensors"), b = TestFiles.Fixture("merge/C.safetensors");
        var (first, second) = (LoraDeltas.Of(a), LoraDeltas.Of(b));
        var result = LoraComparison.Compare(a, b);
        Assert.Equal(first.Keys.Intersect(second.Keys).Order(), result.Modules.Select(module => module.Name).Order());
        Assert.NotEmpty(result.Modules);
        foreach (var module in result.Modules)
        {
            var (x, y) = (first[module.Name].to(float64), second[module.Name].to(float64));
            Assert.Equal(((x - y).norm() / x.norm()).item<double>(), module.RelativeDifference, 1e-5);
            Assert.Equal(((x * y).sum() / (x.norm() * y.norm())).item<double>(), module.Cosine, 1e-5);
        }

        var (distance, norm) = (result.Modules.Sum(m => m.Distance * m.Distance), result.Modules.Sum(m => m.Norm * m.Norm));
        Assert.Equal(Math.Sqrt(distance / norm), result.RelativeDifference, 1e-12);
    }

    [Fact]
    public void The_same_difference_in_other_factors_is_no_difference()
    {
        var (up, down, turn) = (Normal(1, 12, 3), Normal(2, 3, 20), Normal(3, 3, 3));
        var plain = _case.WriteLora("plain.safetensors", Module, down, up, tensor(3f));
        var turned = _case.WriteLora("turned.safetensors", Module, linalg.inv(turn).matmul(down).reshape(3, 20, 1, 1), up.matmul(turn).reshape(12, 3, 1, 1), tensor(3L));
        var module = Assert.Single(LoraComparison.Compare(plain, turned).Modules);
        Assert.InRange(module.RelativeDifference, 0, 1e-5);
        Assert.Equal(1, module.Cosine, 1e-9);
    }

    [Theory]
    [InlineData(-1, 2, -1)]
    [InlineData(0.5, 0.5, 1)]
    [InlineData(3, 2, 1)]
    public void A_multiple_points_the_same_or_the_opposite_way(double factor, double difference, double cosine)
    {
        var (up, down) = (Normal(1, 12, 3), Normal(2, 3, 20));
        var result = LoraComparison.Compare(
            _case.WriteLora("one.safetensors", Module, down, up), _case.WriteLora("other.safetensors", Module, down, up * factor));
        Assert.Equal(difference, result.RelativeDifference, 1e-6);
        Assert.Equal(cosine, result.Cosine, 1e-9);
    }

    [Fact]
    public void Modules_of_one_file_alone_and_of_other_shapes_are_named()
    {
        var first = _case.Write("first.safetensors", [.. Pair("lora_te_a", 4), .. Pair("lora_te_b", 4)]);
        var second = _case.Write("second.safetensors", [.. Pair("lora_te_b", 6), .. Pair("lora_te_c", 4)]);
        var result = LoraComparison.Compare(first, second);
        Assert.Equal("lora_te_a", Assert.Single(result.OnlyInFirst));
        Assert.Equal("lora_te_c", Assert.Single(result.OnlyInSecond));
        Assert.Equal("lora_te_b", Assert.Single(result.Incomparable));
        Assert.Empty(result.Modules);
        Assert.False(result.AreEqual);

        static (string, Tensor)[] Pair(string module, long width) => [(module + ".lora_down.weight", eye(2, width)), (module + ".lora_up.weight", eye(4, 2))];
    }

    [Fact]
    public void Zero_is_infinitely_far_from_anything_else_and_NaN_is_refused()
    {
        var zero = _case.WriteLora("zero.safetensors", Module, eye(2, 4), zeros(4, 2));
        var one = _case.WriteLora("one.safetensors", Module, eye(2, 4), eye(4, 2));
        Assert.Equal((double.PositiveInfinity, 0.0), (LoraComparison.Compare(zero, one).RelativeDifference, LoraComparison.Compare(zero, one).Cosine));
        var broken = _case.WriteLora("broken.safetensors", Module, eye(2, 4), full([4, 2], float.NaN));
        Assert.Equal("LoraNotFinite", Assert.Throws<LoraMergeException>(() => LoraComparison.Compare(one, broken)).ErrorId);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
