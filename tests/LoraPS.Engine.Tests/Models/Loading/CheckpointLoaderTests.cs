using LoraPS.Engine.Formats;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Models.UNet;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Loading;

public sealed class CheckpointLoaderTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_sizes_of_a_single_file_are_read_off_its_shapes()
    {
        using var model = TinyModels.Sd1();
        UNetLevel[] levels = [new(32, 8, 1), new(32, 8, 1), new(32, 8, 1), new(64, 8, 0)];
        Assert.Equal(levels, model.Config.UNet.Levels);
        Assert.Equal(32, model.Config.UNet.CrossAttentionDim);
        Assert.Equal([32, 32, 32, 32], model.Config.Vae.Channels);
        Assert.Equal(new ClipTextConfig { VocabularySize = 64, HiddenSize = 32, IntermediateSize = 64, Layers = 3, Heads = 4 }, model.Config.TextEncoder);
    }

    [Fact]
    public void A_folder_and_a_single_file_with_the_same_weights_are_the_same_model()
    {
        using StableDiffusionModel single = TinyModels.Sd1(), folder = StableDiffusionModel.Load(_folder.Path);
        Assert.Equal(0.25, folder.Config.Vae.ScalingFactor);
        AssertSame(single.UNet, folder.UNet);
        AssertSame(single.Vae, folder.Vae);
        AssertSame(single.TextEncoder, folder.TextEncoder);
    }

    [Fact]
    public void Old_names_of_the_VAEs_attention_are_known()
    {
        _folder.Change("vae/diffusion_pytorch_model.safetensors", tensors =>
        {
            foreach (var name in tensors.Keys.Where(key => key.Contains(".to_", StringComparison.Ordinal)).ToList())
            {
                tensors.Remove(name, out var value);
                tensors[OldName(name)] = value!;
            }
        });
        using StableDiffusionModel single = TinyModels.Sd1(), folder = StableDiffusionModel.Load(_folder.Path);
        AssertSame(single.Vae, folder.Vae);
    }

    [Fact]
    public void Half_precision_variants_of_weight_files_are_found()
    {
        File.Move(_folder["unet/diffusion_pytorch_model.safetensors"], _folder["unet/diffusion_pytorch_model.fp16.safetensors"]);
        File.Move(_folder["text_encoder/model.safetensors"], _folder["text_encoder/model.fp16.safetensors"]);
        StableDiffusionModel.Load(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Weights_come_in_the_type_asked_for(ScalarType dtype)
    {
        using var model = StableDiffusionModel.Load(TinyModels.Sd1Checkpoint, new ModelLoadOptions(dtype));
        Assert.All(model.UNet.parameters().Concat(model.Vae.parameters()).Concat(model.TextEncoder.parameters()), p => Assert.Equal(dtype, p.dtype));
    }

    [Fact]
    public void A_model_computes_in_bfloat16_too()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var coarse = StableDiffusionModel.Load(TinyModels.Sd1Checkpoint, new ModelLoadOptions(ScalarType.BFloat16));
        using var golden = GoldenTensors.Open("unet/sd1_io.safetensors");
        var prediction = coarse.UNet.call(golden["0.latents"].bfloat16(), golden["0.timesteps"], golden["0.context"].bfloat16());
        Assert.Equal(ScalarType.BFloat16, prediction.dtype);
        // Eight bits of mantissa through some sixty layers.
        golden.AssertNear("0.out", prediction, absolute: 0, relative: 0.05);
    }

    [Fact]
    public void Everything_that_differs_is_told_at_once()
    {
        _folder.Change("text_encoder/model.safetensors", tensors =>
        {
            tensors.Remove("text_model.final_layer_norm.bias");
            tensors["text_model.encoder.layers.3.mlp.fc1.bias"] = zeros(64);
            tensors["text_model.final_layer_norm.weight"] = ones(31);
        });
        _folder.Change("unet/diffusion_pytorch_model.safetensors", tensors => tensors.Remove("conv_in.weight"));
        var error = Assert.Throws<StateDictException>(() => StableDiffusionModel.Load(_folder.Path));
        Assert.Equal("CheckpointKeysMissing", error.ErrorId);
        Assert.Equal(["text encoder: text_model.final_layer_norm.bias", "U-Net: conv_in.weight"], error.Missing);
        Assert.Equal(["text_model.encoder.layers.3.mlp.fc1.bias"], error.Unexpected);
        Assert.Equal(["text_model.final_layer_norm.weight is [31], expected [32]"], error.MisShaped);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_and_training_state_beside_the_networks_are_left_out()
    {
        // The single file carries betas, alphas_cumprod and position_ids.
        using var file = SafetensorsFile.Open(TinyModels.Sd1Checkpoint);
        Assert.True(file.TryGet("betas", out _));
        _folder.Change("text_encoder/model.safetensors", tensors => tensors["text_model.embeddings.position_ids"] = arange(77, ScalarType.Int64).unsqueeze(0));
        StableDiffusionModel.Load(_folder.Path).Dispose();
    }

    [Theory]
    [InlineData("vae/config.json")]
    [InlineData("unet/diffusion_pytorch_model.safetensors")]
    public void A_missing_part_is_named(string part)
    {
        File.Delete(_folder[part]);
        var error = Assert.Throws<ModelNotFoundException>(() => StableDiffusionModel.Load(_folder.Path));
        Assert.Equal("ModelNotFound", error.ErrorId);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_with_nothing_there_is_an_error() =>
        Assert.Throws<ModelNotFoundException>(() => StableDiffusionModel.Load(_folder["nothing.safetensors"]));

    [Theory]
    [InlineData("lora_unet_down_blocks_0.lora_down.weight", "a LoRA file")]
    [InlineData("conditioner.embedders.1.model.ln_final.bias", "Stable Diffusion XL")]
    [InlineData("cond_stage_model.model.ln_final.bias", "Stable Diffusion 2")]
    [InlineData("model.diffusion_model.double_blocks.0.img_attn.qkv.weight", "Flux")]
    [InlineData("decoder.conv_in.weight", "without a U-Net")]
    public void A_file_of_another_kind_is_called_by_its_name(string key, string found)
    {
        SafetensorsWriter.Write(_folder["other.safetensors"], new Dictionary<string, Tensor> { [key] = zeros(1) }, new Dictionary<string, string>());
        var error = Assert.Throws<UnsupportedModelException>(() => StableDiffusionModel.Load(_folder["other.safetensors"]));
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"attention_head_dim\": 8", "\"use_linear_projection\": true, \"attention_head_dim\": 8", "Stable Diffusion 2")]
    [InlineData("\"in_channels\": 4", "\"in_channels\": 9", "inpainting")]
    public void A_folder_of_another_kind_is_called_by_its_name(string old, string changed, string found)
    {
        File.WriteAllText(_folder["unet/config.json"], File.ReadAllText(_folder["unet/config.json"]).Replace(old, changed, StringComparison.Ordinal));
        if (found == "inpainting")
            _folder.Change("unet/diffusion_pytorch_model.safetensors", tensors => tensors["conv_in.weight"] = zeros(32, 9, 3, 3));
        var error = Assert.Throws<UnsupportedModelException>(() => StableDiffusionModel.Load(_folder.Path));
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"block_out_channels": [32]}""", "down_block_types")]
    [InlineData("""{"block_out_channels": [0], "down_block_types": ["DownBlock2D"]}""", "block_out_channels")]
    [InlineData("""{"block_out_channels": [32], "down_block_types": ["AttnDownBlock2D"]}""", "AttnDownBlock2D")]
    [InlineData("""{"block_out_channels": [32], "down_block_types": ["DownBlock2D"], "attention_head_dim": [8, 8]}""", "attention_head_dim")]
    public void A_config_that_cannot_be_used_is_an_error_that_names_the_field(string config, string named)
    {
        File.WriteAllText(_folder["unet/config.json"], config);
        var error = Assert.Throws<ModelConfigException>(() => StableDiffusionModel.Load(_folder.Path));
        Assert.Equal(_folder["unet/config.json"], error.Target);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static string OldName(string name) => name
        .Replace(".to_q.", ".query.", StringComparison.Ordinal).Replace(".to_k.", ".key.", StringComparison.Ordinal)
        .Replace(".to_v.", ".value.", StringComparison.Ordinal).Replace(".to_out.0.", ".proj_attn.", StringComparison.Ordinal);

    private static void AssertSame(nn.Module expected, nn.Module actual) =>
        Assert.All(expected.named_parameters().Zip(actual.named_parameters()), pair =>
        {
            Assert.Equal(pair.First.name, pair.Second.name);
            Assert.True(pair.First.parameter.equal(pair.Second.parameter).all().item<bool>(), pair.First.name);
        });
}
