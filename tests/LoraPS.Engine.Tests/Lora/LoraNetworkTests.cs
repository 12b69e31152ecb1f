using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public sealed class LoraNetworkTests : IDisposable
{
    private readonly UNet2DConditionModel _unet = new(TinyNetworks.UNet, META);
    private readonly ClipTextModel _text = new(TinyNetworks.Text, META);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");

    [Fact]
    public void The_number_of_layers_reached_is_told()
    {
        var events = new List<EngineEvent>();
        using var network = LoraNetwork.Create(_unet, _text, new(), 1, new Collector(events));
        Assert.Equal("The LoRA network reaches 210 layers: 18 in TextEncoder, 192 in UNet.", Assert.IsType<DetailEvent>(Assert.Single(events)).Message);
    }

    [Fact]
    public void A_network_that_reaches_nothing_is_an_error()
    {
        var error = Assert.Throws<LoraTargetsNoneException>(
            () => LoraNetwork.Create(_unet, _text, new() { TrainUNet = false, TrainTextEncoder = false }, 1));
        Assert.Equal("LoraTargetsNone", error.ErrorId);
    }

    [Fact]
    public void Attaching_and_detaching_touches_every_target_and_no_other_adapter()
    {
        using var network = LoraNetwork.Create(_unet, _text, new(), 1);
        using var other = LoraNetwork.Create(_unet, _text, new() { TrainTextEncoder = false }, 2);
        network.Attach();
        Assert.All(network.Adapters, adapter => Assert.Same(adapter, adapter.Target.Layer.Adapter));
        other.Attach();
        network.Detach();
        Assert.All(other.Adapters, adapter => Assert.Same(adapter, adapter.Target.Layer.Adapter));
        other.Dispose();
        Assert.All(network.Adapters, adapter => Assert.Null(adapter.Target.Layer.Adapter));
    }

    [Fact]
    public void A_written_network_is_read_back_bit_by_bit()
    {
        using var scope = NewDisposeScope();
        using var written = LoraNetwork.Create(_unet, _text, new() { ConvRank = 2 }, 1);
        using var read = LoraNetwork.Create(_unet, _text, new() { ConvRank = 2 }, 2);
        SafetensorsWriter.Write(_path, written.ToStateDict(SafetensorsDType.F32), new Dictionary<string, string>());
        using (var file = SafetensorsFile.Open(_path))
            read.Load(file);
        Assert.All(
            written.Parameters().Zip(read.Parameters()),
            pair => Assert.True(pair.First.Value.equal(pair.Second.Value).all().item<bool>()));
    }

    [Fact]
    public void Loading_tells_all_that_is_missing_unexpected_or_different()
    {
        using var scope = NewDisposeScope();
        using var network = LoraNetwork.Create(_unet, _text, new() { Rank = 4, Alpha = 2 }, 1);
        var tensors = new Dictionary<string, Tensor>(network.ToStateDict(SafetensorsDType.F16));
        var keys = tensors.Keys.ToList();
        var (missing, misShaped, alpha) = (keys[1], keys[4], keys[9]);
        tensors.Remove(missing);
        tensors[misShaped] = zeros(1, 2);
        tensors[alpha] = tensor(1f);
        tensors["stranger"] = zeros(1);
        SafetensorsWriter.Write(_path, tensors, new Dictionary<string, string>());
        var before = network.Parameters().First().Value.clone();

        using var file = SafetensorsFile.Open(_path);
        var error = Assert.Throws<LoraKeysException>(() => network.Load(file));
        Assert.Equal(("LoraKeysMismatch", (object)_path), (error.ErrorId, error.Target));
        Assert.Equal([missing], error.Missing);
        Assert.Equal(["stranger"], error.Unexpected);
        Assert.Equal([$"{misShaped} is [1, 2], expected [4, 32]", $"{alpha} is 1, expected 2"], error.Different);
        Assert.True(before.equal(network.Parameters().First().Value).all().item<bool>());
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var network = LoraNetwork.Create(_unet, _text, new(), 1))
        using (NewDisposeScope())
            SafetensorsWriter.Write(_path, network.ToStateDict(SafetensorsDType.BF16), new Dictionary<string, string>());
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose()
    {
        _unet.Dispose();
        _text.Dispose();
        File.Delete(_path);
    }

    private sealed class Collector(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
