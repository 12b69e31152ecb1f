using LoraPS.Engine.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Layers;

public class WeightedLayerTests
{
    [Fact]
    public void A_weight_is_taken_without_a_copy()
    {
        using var scope = NewDisposeScope();
        using var layer = new Linear(3, 2, device: META);
        var value = zeros(2, 3);
        var alias = value.view(2, 3);
        layer.Assign("weight", value);
        alias.fill_(7);
        Assert.Equal(7, layer.Weight[1, 2].item<float>());
    }

    [Fact]
    public void A_kernel_is_kept_in_another_memory_order_with_the_same_numbers()
    {
        using var scope = NewDisposeScope();
        using var layer = new Conv2d(3, 2, kernelSize: 3, device: META);
        var kernel = arange(54, ScalarType.Float32).reshape(2, 3, 3, 3);
        layer.Assign("weight", kernel.clone());
        layer.Assign("bias", zeros(2));
        Assert.True(layer.Weight.equal(kernel).all().item<bool>());
        Assert.Equal(1, layer.Weight.stride(1));
        var image = arange(75, ScalarType.Float32).reshape(1, 3, 5, 5);
        Assert.True(layer.call(image).allclose(nn.functional.conv2d(image, kernel)));
    }

    [Fact]
    public void A_value_of_another_shape_or_for_no_parameter_is_refused()
    {
        using var layer = new Linear(3, 2, bias: false, device: META);
        using Tensor wrong = zeros(3, 2), right = zeros(2, 3);
        Assert.Throws<ArgumentException>(() => layer.Assign("weight", wrong));
        Assert.Throws<ArgumentException>(() => layer.Assign("bias", right));
    }

    [Fact]
    public void Parameters_are_frozen_and_named()
    {
        using var layer = new GroupNorm(2, 4, 1e-5);
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(p => p.name));
        Assert.All(layer.parameters(), p => Assert.False(p.requires_grad));
    }

    [Fact]
    public void An_adapter_sees_input_and_output_and_has_the_last_word()
    {
        using var scope = NewDisposeScope();
        using var layer = new Linear(2, 2, bias: false, device: META);
        layer.Assign("weight", eye(2));
        var input = ones(1, 2);
        layer.Adapter = new Sum();
        Assert.Equal([2f, 2f], layer.call(input).data<float>().ToArray());
        layer.Adapter = null;
        Assert.Equal([1f, 1f], layer.call(input).data<float>().ToArray());
    }

    private sealed class Sum : ILayerAdapter
    {
        public Tensor Apply(Tensor input, Tensor output) => input + output;
    }
}
