using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public class LoraDropoutTests
{
    private const int Tokens = 40;
    private const int Rank = 50;

    [Fact]
    public void Outside_training_nothing_is_dropped() =>
        Assert.All(Bottleneck(new() { Dropout = 0.9, RankDropout = 0.9, ModuleDropout = 0.9 }, step: null), value => Assert.Equal(1, value));

    [Fact]
    public void Neuron_dropout_drops_elements_and_keeps_the_mean()
    {
        var values = Bottleneck(new() { Dropout = 0.25 }, step: 3);
        Assert.Equal(0.25, values.Count(value => value == 0) / (double)values.Length, 0.03);
        Assert.All(values.Where(value => value != 0), value => Assert.Equal(1 / 0.75f, value, 1e-5));
    }

    [Fact]
    public void Rank_dropout_drops_a_rank_in_all_places_of_a_picture()
    {
        var values = Bottleneck(new() { RankDropout = 0.5 }, step: 3);
        Assert.Equal(0.5, values.Count(value => value == 0) / (double)values.Length, 0.2);
        for (var picture = 0; picture < 2; picture++)
            for (var rank = 0; rank < Rank; rank++)
                Assert.Single(Enumerable.Range(0, Tokens).Select(token => values[(((picture * Tokens) + token) * Rank) + rank]).Distinct());
        Assert.NotEqual(values[..Rank], values[(Tokens * Rank)..((Tokens * Rank) + Rank)]);
    }

    [Fact]
    public void Module_dropout_leaves_the_module_out_in_its_share_of_the_steps()
    {
        var dropped = Enumerable.Range(0, 200).Count(step => Bottleneck(new() { ModuleDropout = 0.3 }, step).All(value => value == 0));
        Assert.InRange(dropped, 40, 80);
    }

    [Fact]
    public void What_is_dropped_follows_from_the_step()
    {
        var options = new LoraOptions { Dropout = 0.5 };
        Assert.Equal(Bottleneck(options, 4), Bottleneck(options, 4));
        Assert.NotEqual(Bottleneck(options, 4), Bottleneck(options, 5));
    }

    /// <summary>The adapter's part of the output where the bottleneck is all ones and up is the identity.</summary>
    private static float[] Bottleneck(LoraOptions options, int? step)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var layer = new Linear(1, Rank, bias: false);
        layer.Assign("weight", zeros(Rank, 1));
        var dropout = new LoraDropout(options, seed: 11) { Step = step };
        using var adapter = new LoraAdapter(new LoraTarget("x", ModelPart.UNet, layer, Rank, Rank), 2, 11, dropout);
        adapter.Down.fill_(1);
        adapter.Up.copy_(eye(Rank));
        layer.Adapter = adapter;
        return layer.call(ones(2, Tokens, 1)).data<float>().ToArray();
    }
}
