using System.Text.Json;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

/// <summary>Single modules against numbers computed by sd-scripts 48d368fa.</summary>
public sealed class DyLoraAdapterTests : IDisposable
{
    private readonly GoldenTensors _golden = GoldenTensors.Open("dylora/modules_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, int, int, double> Cases
    {
        get
        {
            using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("dylora/dylora.json")));
            var cases = new TheoryData<string, int, int, double>();
            foreach (var module in json.RootElement.GetProperty("modules").EnumerateArray())
                cases.Add(module.GetProperty("tag").GetString()!, module.GetProperty("dim").GetInt32(), module.GetProperty("unit").GetInt32(), module.GetProperty("alpha").GetDouble());
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_and_gradients_equal_the_reference_whatever_unit_is_drawn(string tag, int rank, int unit, double alpha)
    {
        using var layer = Layer(tag);
        using var adapter = Adapter(layer, tag, rank, unit, alpha);
        layer.Adapter = adapter;
        for (var draw = 0; draw < rank; draw++)
        {
            adapter.ActiveUnit = draw / unit;
            foreach (var parameter in adapter.Parameters)
                parameter.Value.grad = null;
            var output = layer.call(_golden[$"{tag[..2]}.x"]);
            _golden.AssertNear($"{tag}.draw{draw}.out", output, 1e-5);
            (output * _golden[$"{tag}.grad_of_out"]).sum().backward();

            var learning = adapter.Parameters.Where(parameter => parameter.Value.grad is not null).ToList();
            Assert.Equal([$"m.lora_down.weight.{draw / unit}", $"m.lora_up.weight.{draw / unit}"], learning.Select(parameter => parameter.Name));
            AssertNear($"{tag}.draw{draw}.grad_down_rows", learning[0].Value.grad!);
            AssertNear($"{tag}.draw{draw}.grad_up_columns", learning[1].Value.grad!);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_uses_and_teaches_what_a_file_cut_to_these_ranks_has(string tag, int rank, int unit, double alpha)
    {
        using var layer = Layer(tag);
        using var adapter = Adapter(layer, tag, rank, unit, alpha, usesAllRanks: false);
        var x = _golden[$"{tag[..2]}.x"];
        for (var active = 0; active < rank / unit; active++)
        {
            var ranks = (active + 1) * unit;
            using var other = Layer(tag);
            using var cut = new DyLoraAdapter(new("m", ModelPart.UNet, other, ranks, alpha), 0, 1, new(new(), 1), new() { Unit = unit });
            using (no_grad())
                cut.Load(key => key.Contains("down", StringComparison.Ordinal) ? _golden[$"{tag}.lora_down"].narrow(0, 0, ranks) : _golden[$"{tag}.lora_up"].narrow(1, 0, ranks));
            (layer.Adapter, other.Adapter, adapter.ActiveUnit) = (adapter, cut, active);
            foreach (var parameter in adapter.Parameters)
                parameter.Value.grad = null;

            var output = layer.call(x);
            Assert.True((output - other.call(x)).abs().max().item<float>() < 1e-5);
            output.sum().backward();
            Assert.All(adapter.FileTensors(), tensor => Assert.Contains(rank, tensor.Value.shape));
            Assert.Equal(2 * (active + 1), adapter.Parameters.Count(parameter => parameter.Value.grad is not null));
        }
    }

    [Fact]
    public void Outside_training_all_ranks_count_alike_and_the_change_is_that_of_the_file()
    {
        using var layer = Layer("m3");
        using var adapter = Adapter(layer, "m3.dim6_unit2", 6, 2, 3);
        adapter.BeginStep(4);
        adapter.BeginStep(null);
        var plain = layer.call(_golden["m3.x"]);
        layer.Adapter = adapter;
        var adapted = layer.call(_golden["m3.x"]);
        var expected = LoraMath.Delta(_golden["m3.dim6_unit2.lora_up"], _golden["m3.dim6_unit2.lora_down"], 0.5, layer.Weight.shape);
        var difference = nn.functional.conv2d(_golden["m3.x"], expected, strides: [2, 2], padding: [1, 1]) - (adapted - plain);
        Assert.True(difference.abs().max().item<float>() < 1e-5);
        Assert.True((adapter.Delta() - expected).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void Every_unit_is_drawn_and_the_same_step_draws_the_same()
    {
        using var layer = Layer("m0");
        using var adapter = Adapter(layer, "m0.dim6_unit2", 6, 2, 1);
        var draws = Enumerable.Range(0, 30).Select(Draw).ToList();
        Assert.Equal([0, 1, 2], draws.Distinct().Order());
        Assert.Equal(draws, Enumerable.Range(0, 30).Select(Draw));

        int Draw(int step)
        {
            adapter.BeginStep(step);
            return adapter.ActiveUnit!.Value;
        }
    }

    [Theory]
    [InlineData(3, 4, null)]
    [InlineData(2, 4, 3)]
    public void A_unit_that_does_not_divide_every_rank_is_refused(int unit, int rank, int? convRank)
    {
        var options = new LoraOptions { Kind = NetworkKind.DyLora, Unit = unit, Rank = rank, ConvRank = convRank };
        var error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Contains($"A unit of {unit} ranks does not divide the rank {convRank ?? rank}.", error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _golden.Dispose();
    }

    private ProjectionLayer Layer(string tag)
    {
        var (weight, bias) = (_golden[$"{tag[..2]}.org_weight"], _golden[$"{tag[..2]}.org_bias"]);
        ProjectionLayer layer = weight.shape switch
        {
            [var width, var features] => new Linear(features, width),
            [var width, var channels, 1, 1] => new Conv2d(channels, width, 1),
            [var width, var channels, ..] => new Conv2d(channels, width, 3, stride: 2, padding: 1),
            _ => throw new InvalidOperationException(tag),
        };
        layer.Assign("weight", weight);
        layer.Assign("bias", bias);
        return layer;
    }

    private DyLoraAdapter Adapter(ProjectionLayer layer, string tag, int rank, int unit, double alpha, bool usesAllRanks = true)
    {
        var adapter = new DyLoraAdapter(new("m", ModelPart.UNet, layer, rank, alpha), 0, 1, new(new(), 1), new() { Unit = unit, DyLoraUsesAllRanks = usesAllRanks });
        using var noGradient = no_grad();
        adapter.Load(key => _golden[$"{tag}.{(key.Contains("down", StringComparison.Ordinal) ? "lora_down" : "lora_up")}"]);
        return adapter;
    }

    private void AssertNear(string name, Tensor actual) => _golden.AssertNear(name, actual.reshape(_golden[name].shape), 1e-5);
}
