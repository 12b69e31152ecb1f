using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

/// <summary>What all kinds of networks have in common, and what makes each of them itself.</summary>
public sealed class NetworkKindTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<NetworkKind, string> KindsAndLayers
    {
        get
        {
            var cases = new TheoryData<NetworkKind, string>();
            foreach (var kind in Enum.GetValues<NetworkKind>())
            {
                foreach (var layer in new[] { "linear", "pointwise", "strided" })
                    cases.Add(kind, layer);
            }

            return cases;
        }
    }

    public static TheoryData<NetworkKind> Kinds => [.. Enum.GetValues<NetworkKind>()];

    [Theory]
    [MemberData(nameof(KindsAndLayers))]
    public void A_fresh_adapter_changes_no_bit(NetworkKind kind, string layerKind)
    {
        using var layer = Layer(layerKind);
        using var adapter = Adapter(kind, layer);
        var before = layer.call(Input(layer));
        layer.Adapter = adapter;
        Assert.True(before.equal(layer.call(Input(layer))).all().item<bool>());
        Assert.Equal(0, adapter.Delta().abs().max().item<float>());
        Assert.Equal(0, adapter.DeltaNorm());
    }

    [Theory]
    [MemberData(nameof(KindsAndLayers))]
    public void The_adapted_layer_computes_what_a_layer_with_the_delta_added_does(NetworkKind kind, string layerKind)
    {
        using var layer = Layer(layerKind);
        using var adapter = Adapter(kind, layer);
        Randomize(adapter);
        adapter.Multiplier = 0.5;
        layer.Adapter = adapter;
        var adapted = layer.call(Input(layer));
        layer.Adapter = null;
        var delta = adapter.Delta();
        Assert.Equal(delta.square().sum().sqrt().item<float>(), adapter.DeltaNorm(), 1e-4 * adapter.DeltaNorm());
        layer.Assign("weight", layer.Weight + (delta * 0.5));
        var (difference, largest) = ((adapted - layer.call(Input(layer))).abs().max().item<float>(), adapted.abs().max().item<float>());
        Assert.True(difference < 1e-5 * largest, $"{difference:g4} of {largest:g4}");
    }

    [Theory]
    [MemberData(nameof(KindsAndLayers))]
    public void Everything_that_is_trained_gets_a_gradient_and_the_weight_gets_none(NetworkKind kind, string layerKind)
    {
        using var layer = Layer(layerKind);
        using var adapter = Adapter(kind, layer);
        Randomize(adapter);
        layer.Adapter = adapter;
        (layer.call(Input(layer)) * rand(1)).square().sum().backward();
        if (adapter is LoraFaAdapter { Down: var down })
            Assert.Null(down.grad);
        Assert.All(adapter.Parameters, parameter => Assert.True(parameter.Value.grad!.abs().sum().item<float>() > 0, parameter.Name));
        Assert.Null(layer.Weight.grad);
    }

    [Theory]
    [InlineData(NetworkKind.Lora)]
    [InlineData(NetworkKind.LoraFa)]
    [InlineData(NetworkKind.DyLora)]
    [InlineData(NetworkKind.Loha)]
    [InlineData(NetworkKind.Lokr)]
    public void Scaling_the_delta_scales_it(NetworkKind kind)
    {
        using var layer = Layer("strided");
        using var adapter = Adapter(kind, layer);
        Randomize(adapter);
        var before = adapter.Delta();
        adapter.ScaleDelta(0.3);
        Assert.True((adapter.Delta() - (before * 0.3)).abs().max().item<float>() < 1e-5 * before.abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_written_network_is_read_back_bit_by_bit_and_counts_its_parameters(NetworkKind kind)
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        using var folder = new TemporaryFolder();
        var options = new LoraOptions { Kind = kind, Rank = 2, ConvRank = 2, Alpha = 3 };
        using var written = LoraNetwork.Create(unet, text, options, seed: 1);
        SafetensorsWriter.Write(folder.File("a.safetensors"), written.ToStateDict(SafetensorsDType.F32), new Dictionary<string, string>());
        using var read = LoraNetwork.Create(unet, text, options with { WeightsPath = folder.File("a.safetensors") }, seed: 2);
        Assert.All(written.Parameters().Zip(read.Parameters()), pair => Assert.True(pair.First.Value.equal(pair.Second.Value).all().item<bool>()));
        Assert.Equal(
            written.Parameters().Sum(parameter => parameter.Value.numel()),
            LoraTargets.Find(unet, text, options).Sum(target => AdapterFactory.ParameterCount(options, target)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_of_any_kind_is_described_from_its_header(NetworkKind kind)
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        using var folder = new TemporaryFolder();
        using var network = LoraNetwork.Create(unet, text, new() { Kind = kind, Rank = 2, Alpha = 1 }, seed: 1);
        SafetensorsWriter.Write(folder.File("a.safetensors"), network.ToStateDict(SafetensorsDType.BF16), new Dictionary<string, string>());
        var lora = LoraFile.Read(folder.File("a.safetensors"));
        Assert.Equal((210, 192, 2L), (lora.ModuleCount, lora.UNetModules, lora.Rank));
        Assert.Equal([2L], lora.Ranks);
    }

    [Fact]
    public void The_frozen_factor_of_LoRA_FA_starts_normal_with_a_variance_of_two_over_in_and_rank()
    {
        using var layer = new Linear(500, 4);
        using var adapter = (LoraFaAdapter)Adapter(NetworkKind.LoraFa, layer);
        Assert.Equal(Math.Sqrt(2.0 / 502), adapter.Down.std().item<float>(), 0.003);
        Assert.Equal(["m.lora_down.weight", "m.lora_up.weight"], adapter.FileTensors().Select(pair => pair.Key));
        Assert.Equal(["m.lora_up.weight"], adapter.Parameters.Select(parameter => parameter.Name));
    }

    [Fact]
    public void A_rank_stabilized_network_has_the_strength_alpha_over_the_root_of_the_rank_and_files_say_so()
    {
        using var unet = new UNet2DConditionModel(TinyNetworks.UNet, META);
        using var text = new ClipTextModel(TinyNetworks.Text, META);
        using var network = LoraNetwork.Create(unet, text, new() { Rank = 16, Alpha = 2, RankStabilized = true }, seed: 1);
        Assert.All(network.Adapters, adapter => Assert.Equal(2 / Math.Sqrt(16), adapter.Target.Alpha / adapter.Target.Rank, 1e-12));
        Assert.Equal(8, network.ToStateDict(SafetensorsDType.F32)[network.Adapters[0].Target.AlphaKey].item<float>());
    }

    [Fact]
    public void Rows_of_a_DoRA_weight_have_the_trained_lengths()
    {
        using var layer = Layer("strided");
        using var adapter = (DoraAdapter)Adapter(NetworkKind.Dora, layer);
        Randomize(adapter);
        var rows = LoraMath.RowNorms(layer.Weight + adapter.Delta());
        Assert.True((rows - adapter.Magnitude.abs()).abs().max().item<float>() < 1e-4);
    }

    [Fact]
    public void A_LoHa_whose_second_product_is_one_everywhere_is_a_LoRA()
    {
        var (up, down) = (randn(6, 3), randn(3, 8));
        var (first, rest) = (zeros(6, 3), zeros(3, 8));
        first.select(1, 0).fill_(1);
        rest.select(0, 0).fill_(1);
        var loha = LoraMath.HadamardDelta((up, down), (first, rest), 0.7, [6, 8]);
        Assert.True((loha - LoraMath.Delta(up, down, 0.7, [6, 8])).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void A_Kronecker_delta_is_the_small_matrix_with_the_large_one_in_place_of_each_number()
    {
        var (small, large) = (randn(2, 3), randn(4, 5));
        var delta = LoraMath.KroneckerDelta(small, large, 2, [8, 15]);
        Assert.True((delta.narrow(0, 4, 4).narrow(1, 10, 5) - (large * small[1, 2] * 2)).abs().max().item<float>() < 1e-5);
        Assert.True((delta - (kron(small, large) * 2)).abs().max().item<float>() < 1e-5);
    }

    [Theory]
    [InlineData(320, -1, 16, 20)]
    [InlineData(768, -1, 24, 32)]
    [InlineData(1280, 16, 16, 80)]
    [InlineData(77, 8, 7, 11)]
    [InlineData(12, 4, 3, 4)]
    [InlineData(13, -1, 1, 13)]
    public void Sides_are_split_near_the_root_or_by_the_factor(long number, int factor, long small, long large) =>
        Assert.Equal((small, large), LokrAdapter.Split(number, factor));

    [Theory]
    [InlineData(1, "lokr_w2_b")]
    [InlineData(8, "lokr_w2")]
    public void The_larger_matrix_of_a_LoKr_is_low_rank_only_where_that_saves_numbers(int rank, string last)
    {
        using var layer = Layer("linear");
        using var adapter = new LokrAdapter(new("m", ModelPart.UNet, layer, rank, 1), 0, 1, new(new(), 1), factor: 2);
        Assert.Equal("m." + last, adapter.Parameters[^1].Name);
        Assert.Equal(rank == 8 ? 8 : 1, adapter.Target.Alpha);
    }

    [Fact]
    public void Settings_that_a_kind_has_no_place_for_are_refused()
    {
        Assert.Throws<ArgumentException>(new LoraOptions { Kind = NetworkKind.Loha, Dropout = 0.1 }.Validate);
        Assert.Throws<ArgumentException>(new LoraOptions { Kind = NetworkKind.Lokr, RankDropout = 0.1 }.Validate);
        Assert.Throws<ArgumentOutOfRangeException>(new LoraOptions { Kind = NetworkKind.Lokr, Factor = 0 }.Validate);
        Assert.Throws<ArgumentException>(new LoraOptions { Kind = NetworkKind.Loha, WeightsPath = "x", RanksFromWeights = true }.Validate);
    }

    public void Dispose() => _scope.Dispose();

    private static ProjectionLayer Layer(string kind)
    {
        ProjectionLayer layer = kind switch
        {
            "linear" => new Linear(8, 12),
            "pointwise" => new Conv2d(8, 12, 1),
            _ => new Conv2d(8, 12, 3, stride: 2, padding: 1),
        };
        var random = new CounterRandom(3, RandomPurpose.ModelInit);
        layer.Assign("weight", random.Normal(layer.Weight.shape));
        layer.Assign("bias", random.Normal(12));
        return layer;
    }

    private static Tensor Input(ProjectionLayer layer) =>
        new CounterRandom(4, RandomPurpose.ModelInit).Normal(layer is Linear ? [2, 5, 8] : [2, 8, 6, 6]);

    private static NetworkAdapter Adapter(NetworkKind kind, ProjectionLayer layer) =>
        AdapterFactory.Create(new() { Kind = kind, Unit = 1 }, new("m", ModelPart.UNet, layer, 2, 3), 0, 7, new(new(), 7));

    private static void Randomize(NetworkAdapter adapter)
    {
        using var noGradient = no_grad();
        var random = new CounterRandom(5, RandomPurpose.ModelInit);
        foreach (var (name, value) in adapter.Memory)
            value.copy_(random.Normal(value.shape) + (name.EndsWith("dora_scale", StringComparison.Ordinal) ? 3 : 0));
    }
}
