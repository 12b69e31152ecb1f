using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>LoHa and LoKr files merge as the LoRAs of the same change.</summary>
public sealed class LycorisMergeTests : IDisposable
{
    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Source => _folder.File("source.safetensors");

    [Theory]
    [InlineData(NetworkKind.Loha, 2, -1)]
    [InlineData(NetworkKind.Lokr, 1, -1)]
    [InlineData(NetworkKind.Lokr, 2, 4)]
    [InlineData(NetworkKind.Lokr, 64, 4)]
    public void The_merged_LoRA_changes_every_weight_as_the_network_did(NetworkKind kind, int rank, int factor)
    {
        using var network = Write(new() { Kind = kind, Rank = rank, Alpha = 1.5, ConvRank = rank, ConvAlpha = 3, Factor = factor });
        LoraMerger.Merge([new LoraSource(Source, 0.5)], _folder.File("merged.safetensors"));
        using var merged = SafetensorsFile.Open(_folder.File("merged.safetensors"));
        Assert.All(network.Adapters, adapter =>
        {
            var (up, down) = (merged.Read(adapter.Target.UpKey), merged.Read(adapter.Target.DownKey));
            var expected = adapter.Delta() * 0.5;
            var delta = LoraMath.Delta(up, down, merged.ReadScalar(adapter.Target.AlphaKey) / down.shape[0], adapter.Target.Layer.Weight.shape);
            var difference = (delta - expected).abs().max().item<float>();
            Assert.True(difference <= 1e-5 * expected.abs().max().item<float>(), $"{adapter.Target.Name}: {difference:g4}");
        });
    }

    [Fact]
    public void Tensors_that_belong_to_no_module_are_refused_by_name()
    {
        using var network = Write(new() { Kind = NetworkKind.Loha, Rank = 1 });
        var tensors = new Dictionary<string, Tensor>(network.ToStateDict(SafetensorsDType.F32)) { ["lora_unet_x.dora_scale"] = ones(1) };
        SafetensorsWriter.Write(Source, tensors, new Dictionary<string, string>());
        var error = Assert.Throws<UnrecognisedLoraException>(() => LoraMerger.Merge([new LoraSource(Source)], _folder.File("merged.safetensors")));
        Assert.Equal(["lora_unet_x.dora_scale"], error.Keys);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
        _model.Dispose();
    }

    private LoraNetwork Write(LoraOptions options)
    {
        var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, options, seed: 1);
        using var noGradient = no_grad();
        var random = new CounterRandom(2, RandomPurpose.ModelInit);
        foreach (var parameter in network.Parameters())
            parameter.Value.copy_(random.Normal(parameter.Value.shape));
        SafetensorsWriter.Write(Source, network.ToStateDict(SafetensorsDType.F32), new Dictionary<string, string>());
        return network;
    }
}
