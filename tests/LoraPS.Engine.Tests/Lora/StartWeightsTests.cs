using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

/// <summary>Networks that start with the weights of a file.</summary>
public sealed class StartWeightsTests : IDisposable
{
    private static readonly string Blocks = TestFiles.Fixture("lora/blocks_init.safetensors");

    private readonly UNet2DConditionModel _unet = new(TinyNetworks.UNet, META);
    private readonly ClipTextModel _text = new(TinyNetworks.Text, META);
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void Layers_ranks_alphas_and_weights_can_all_come_from_the_file()
    {
        using var network = LoraNetwork.Create(_unet, _text, new() { WeightsPath = Blocks, RanksFromWeights = true }, seed: 1);
        Assert.Equal(TinyNetworks.Expected("blocks").Select(m => (m.Name, m.Rank, m.Alpha)), network.Adapters.Select(a => (a.Target.Name, a.Target.Rank, a.Target.Alpha)));
        using var file = SafetensorsFile.Open(Blocks);
        Assert.All(network.Parameters(), parameter => Assert.True(file.Read(parameter.Name).to(float32).equal(parameter.Value).all().item<bool>()));
    }

    [Fact]
    public void A_file_of_another_network_is_refused()
    {
        var error = Assert.Throws<LoraKeysException>(() => LoraNetwork.Create(_unet, _text, new() { WeightsPath = Blocks, Rank = 4 }, seed: 1));
        Assert.NotEmpty(error.Different);
        Assert.Contains("take ranks and alphas from the file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_trained_may_be_in_the_file_and_is_told()
    {
        var events = new List<EngineEvent>();
        using var network = LoraNetwork.Create(
            _unet, _text, new() { WeightsPath = Blocks, RanksFromWeights = true, TrainTextEncoder = false }, 1, new Collector(events));
        Assert.All(network.Adapters, adapter => Assert.Equal(ModelPart.UNet, adapter.Target.Part));
        Assert.Contains("54 tensors", events.OfType<WarningEvent>().Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alpha_that_is_missing_is_the_rank()
    {
        using var folder = new TemporaryFolder();
        using var made = LoraNetwork.Create(_unet, _text, new() { Rank = 2, Alpha = 2 }, seed: 1);
        var tensors = made.ToStateDict(SafetensorsDType.F32).Where(pair => !pair.Key.EndsWith(".alpha", StringComparison.Ordinal)).ToDictionary();
        SafetensorsWriter.Write(folder.File("old.safetensors"), tensors, new Dictionary<string, string>());
        using var network = LoraNetwork.Create(_unet, _text, new() { WeightsPath = folder.File("old.safetensors"), RanksFromWeights = true }, seed: 2);
        Assert.All(network.Adapters, adapter => Assert.Equal((2, 2.0), (adapter.Target.Rank, adapter.Target.Alpha)));
    }

    [Fact]
    public void Ranks_cannot_come_from_a_file_that_is_not_named() =>
        Assert.Throws<ArgumentException>(new LoraOptions { RanksFromWeights = true }.Validate);

    public void Dispose()
    {
        _scope.Dispose();
        _unet.Dispose();
        _text.Dispose();
    }

    private sealed class Collector(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
