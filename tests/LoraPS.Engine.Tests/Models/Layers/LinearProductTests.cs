using LoraPS.Engine.Models.Layers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Layers;

public class LinearProductTests
{
    public static TheoryData<long[]> InputShapes => [[5], [1, 5], [3, 5], [2, 3, 5], [2, 1, 3, 5]];

    [Theory]
    [MemberData(nameof(InputShapes))]
    public void It_is_the_linear_map_of_the_last_dimension(long[] shape)
    {
        using var scope = NewDisposeScope();
        Tensor input = Ramp(shape), weight = Ramp(4, 5), bias = Ramp(4);
        Assert.True(LinearProduct.Apply(input, weight, bias).allclose(nn.functional.linear(input, weight, bias)));
        Assert.True(LinearProduct.Apply(input, weight).allclose(nn.functional.linear(input, weight)));
    }

    [Fact]
    public void Its_gradients_are_those_of_the_linear_map()
    {
        using var scope = NewDisposeScope();
        var (ours, expected) = (Gradients(LinearProduct.Apply), Gradients((x, w, b) => nn.functional.linear(x, w, b)));
        Assert.All(ours.Zip(expected), pair => Assert.True(pair.First.allclose(pair.Second)));
    }

    [Fact]
    public void It_takes_inputs_whose_memory_has_gaps()
    {
        using var scope = NewDisposeScope();
        Tensor input = Ramp(2, 5, 3).transpose(1, 2), weight = Ramp(4, 5);
        Assert.True(LinearProduct.Apply(input, weight).allclose(nn.functional.linear(input, weight)));
    }

    private static Tensor[] Gradients(Func<Tensor, Tensor, Tensor?, Tensor> product)
    {
        Tensor input = Ramp(2, 3, 5).requires_grad_(), weight = Ramp(4, 5).requires_grad_(), bias = Ramp(4).requires_grad_();
        (product(input, weight, bias) * Ramp(2, 3, 4)).sum().backward();
        return [input.grad!, weight.grad!, bias.grad!];
    }

    private static Tensor Ramp(params long[] shape) => linspace(-1, 2, shape.Aggregate(1L, (product, side) => product * side)).reshape(shape).detach();
}
