using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Lora;

public sealed class BaseWeightsMergerTests : IDisposable
{
    private static readonly string C3Lier = TestFiles.Fixture("lora/c3lier_init.safetensors");

    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void A_model_with_a_LoRA_merged_into_it_predicts_what_the_model_with_the_LoRA_attached_does()
    {
        using var noGradient = no_grad();
        Tensor attached;
        using (var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, TinyNetworks.Options("c3lier") with { WeightsPath = C3Lier }, seed: 1))
        {
            network.SetMultiplier(0.7);
            network.Attach();
            attached = Predict();
        }

        var plain = Predict();
        Assert.Equal(295, BaseWeightsMerger.Merge(_model.UNet, _model.TextEncoder, new(C3Lier, 0.7)));
        var merged = Predict();
        Assert.True((merged - attached).abs().max().item<float>() < 1e-4);
        Assert.True((merged - plain).abs().max().item<float>() > 1e-2);
    }

    [Fact]
    public void Modules_the_model_has_no_layer_for_are_told_and_a_file_without_any_other_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("other.safetensors");
        var tensors = new Dictionary<string, Tensor> { ["lora_unet_elsewhere.lora_down.weight"] = rand(2, 8), ["lora_unet_elsewhere.lora_up.weight"] = rand(8, 2) };
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>());
        var error = Assert.Throws<LoraTargetsNoneException>(() => BaseWeightsMerger.Merge(_model.UNet, _model.TextEncoder, new(path)));
        Assert.Contains("changes no layer of this model", error.Message, StringComparison.Ordinal);

        const string known = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
        tensors[known + ".lora_down.weight"] = rand(2, 32);
        tensors[known + ".lora_up.weight"] = rand(32, 2);
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>());
        var events = new List<EngineEvent>();
        Assert.Equal(1, BaseWeightsMerger.Merge(_model.UNet, _model.TextEncoder, new(path), new Collector(events)));
        Assert.Contains("lora_unet_elsewhere", Assert.IsType<WarningEvent>(Assert.Single(events)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        BaseWeightsMerger.Merge(_model.UNet, _model.TextEncoder, new(C3Lier));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inputs.Dispose();
        _model.Dispose();
    }

    private Tensor Predict() => _model.UNet.call(_inputs["0.latents"], _inputs["0.timesteps"], _model.TextEncoder.Encode(_inputs["input_ids"]));

    private sealed class Collector(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
