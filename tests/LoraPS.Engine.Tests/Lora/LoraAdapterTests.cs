using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public class LoraAdapterTests
{
    public static TheoryData<string> Layers => ["linear", "convolution", "strided", "pointwise"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void The_adapted_layer_computes_what_a_layer_with_the_product_added_would(string kind)
    {
        using var scope = NewDisposeScope();
        var layer = Layer(kind);
        using var adapter = Adapter(layer);
        adapter.Multiplier = 0.5;
        var input = layer is Linear ? rand(2, 7, 6) : rand(2, 6, 5, 5);
        using var noGradient = no_grad();
        layer.Adapter = adapter;
        var adapted = layer.call(input);

        layer.Adapter = null;
        // multiplier · alpha / rank · up · down, on matrices
        var delta = 0.5 * 2 / 3 * adapter.Up.flatten(1).matmul(adapter.Down.flatten(1));
        layer.Assign("weight", layer.Weight + delta.reshape(layer.Weight.shape));
        var difference = (adapted - layer.call(input)).abs().max().item<float>();
        Assert.True(difference < 1e-5, $"{difference:g4}");
        layer.Dispose();
    }

    [Fact]
    public void A_fresh_adapter_changes_nothing_and_only_up_gets_a_gradient_at_first()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer("linear");
        using var adapter = Adapter(layer, trained: false);
        var input = rand(2, 7, 6);
        var before = layer.call(input);
        layer.Adapter = adapter;
        var after = layer.call(input);
        Assert.True(before.equal(after).all().item<bool>());

        after.sum().backward();
        Assert.True(adapter.Up.grad!.abs().sum().item<float>() > 0);
        Assert.Equal(0f, adapter.Down.grad!.abs().sum().item<float>());
        Assert.Null(layer.Weight.grad);
    }

    [Fact]
    public void Down_starts_uniform_between_plus_and_minus_one_over_the_root_of_the_fan_in()
    {
        using var scope = NewDisposeScope();
        using var layer = new Conv2d(64, 8, 3);
        using var adapter = new LoraAdapter(new LoraTarget("x", ModelPart.UNet, layer, 32, 1), 0, 7, new LoraDropout(new(), 7));
        var bound = 1 / Math.Sqrt(64 * 9);
        Assert.InRange(adapter.Down.abs().max().item<float>(), 0.99 * bound, bound);
        Assert.Equal(0, adapter.Down.mean().item<float>(), 0.01 * bound);
        // The variance of a uniform distribution of width 2b is b² / 3.
        Assert.Equal(1, adapter.Down.var().item<float>() / (bound * bound / 3), 0.02);
        Assert.Equal(0f, adapter.Up.abs().max().item<float>());
    }

    [Fact]
    public void First_weights_follow_from_the_seed_and_the_place_in_the_network()
    {
        using var scope = NewDisposeScope();
        using var layer = Layer("linear");
        Tensor Down(int index, long seed) =>
            new LoraAdapter(new LoraTarget("x", ModelPart.UNet, layer, 3, 1), index, seed, new LoraDropout(new(), seed)).Down.DetachFromDisposeScope();
        using var first = Down(0, 1);
        using var again = Down(0, 1);
        using var next = Down(1, 1);
        using var other = Down(0, 2);
        Assert.True(first.equal(again).all().item<bool>());
        Assert.False(first.equal(next).any().item<bool>());
        Assert.False(first.equal(other).any().item<bool>());
    }

    private static ProjectionLayer Layer(string kind)
    {
        ProjectionLayer layer = kind switch
        {
            "linear" => new Linear(6, 4),
            "convolution" => new Conv2d(6, 4, 3, padding: 1),
            "strided" => new Conv2d(6, 4, 3, stride: 2, padding: 1),
            _ => new Conv2d(6, 4, 1),
        };
        layer.Assign("weight", rand_like(layer.Weight));
        layer.Assign("bias", rand_like(layer.Bias!));
        return layer;
    }

    private static LoraAdapter Adapter(ProjectionLayer layer, bool trained = true)
    {
        var adapter = new LoraAdapter(new LoraTarget("x", ModelPart.UNet, layer, Rank: 3, Alpha: 2), 0, 1, new LoraDropout(new(), 1));
        using var noGradient = no_grad();
        if (trained)
            adapter.Up.copy_(rand_like(adapter.Up));
        return adapter;
    }
}
