using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Naming;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging.Conversion;

/// <summary>LoRAs of Stable Diffusion XL: the reference's names, made-up numbers.</summary>
public sealed class XlConversionTests : IDisposable
{
    private const string ToK = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Middle => _case.File("middle");

    private string Back => _case.File("back.safetensors");

    [Theory]
    [InlineData(LoraFormat.Peft, 0.5f)]
    [InlineData(LoraFormat.PeftFolder, 0.5f)]
    [InlineData(LoraFormat.Diffusers, 1f)]
    public void A_whole_LoRA_goes_there_and_comes_back_with_the_same_bytes(LoraFormat format, float alpha)
    {
        var source = WriteWhole("source.safetensors", alpha);
        Assert.Equal(1052, LoraConverter.Convert(source, Middle, format).ModuleCount);
        LoraConverter.Convert(Middle, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(source), FuseCase.Bytes(Back));
        Assert.Empty(LoraCheck.Check(Back).Problems);
    }

    [Fact]
    public void The_networks_of_a_PEFT_folder_are_told_apart()
    {
        LoraConverter.Convert(WriteWhole("source.safetensors"), Middle, LoraFormat.PeftFolder);
        Assert.Equal(["text_encoder", "text_encoder_2", "unet"], Directory.EnumerateDirectories(Middle).Select(Path.GetFileName).Order());
        var result = LoraConverter.Convert(Path.Combine(Middle, "text_encoder_2"), Back, LoraFormat.Kohya);
        Assert.Equal(192, result.ModuleCount);
        Assert.All(FuseCase.Bytes(Back).Keys, key => Assert.StartsWith("lora_te2_", key, StringComparison.Ordinal));
    }

    // Other trainers write the diffusers spelling, which sd-scripts' own tools pass over.
    [Fact]
    public void The_diffusers_spelling_of_other_trainers_becomes_that_of_sd_scripts()
    {
        var spelled = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k";
        var other = _case.WriteLora("other.safetensors", spelled, ones(2, 2048), ones(640, 2), tensor(1f));
        LoraConverter.Convert(other, Back, LoraFormat.Kohya);
        Assert.Contains(ToK + ".alpha", FuseCase.Bytes(Back).Keys);
    }

    [Theory]
    [InlineData("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 2048, "", "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k")]
    [InlineData("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 768, "", "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k")]
    [InlineData("unet.down_blocks.1.attentions.0.transformer_blocks.1.attn1.to_k", 640, "", "lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_k")]
    [InlineData("unet.down_blocks.1.attentions.0.proj_in", 640, "", "lora_unet_down_blocks_1_attentions_0_proj_in")]
    [InlineData("unet.down_blocks.1.attentions.0.proj_in", 640, "sdxl_base_v1-0", "lora_unet_input_blocks_4_1_proj_in")]
    [InlineData("text_encoder_2.text_model.encoder.layers.0.mlp.fc1", 1280, "", "lora_te2_text_model_encoder_layers_0_mlp_fc1")]
    [InlineData("text_encoder.text_model.encoder.layers.0.mlp.fc1", 768, "", "lora_te_text_model_encoder_layers_0_mlp_fc1")]
    [InlineData("text_encoder.text_model.encoder.layers.0.mlp.fc1", 768, "sdxl_base_v1-0", "lora_te1_text_model_encoder_layers_0_mlp_fc1")]
    public void Names_are_those_of_the_model_that_names_shapes_or_metadata_tell(string path, long inputs, string version, string module)
    {
        var file = _case.File("peft.safetensors");
        SafetensorsWriter.Write(
            file, new Dictionary<string, Tensor> { [path + ".lora_A.weight"] = ones(2, inputs), [path + ".lora_B.weight"] = ones(8, 2) },
            version.Length == 0 ? new Dictionary<string, string>() : new() { [LoraMetadata.BaseModelVersionKey] = version });
        LoraConverter.Convert(file, Back, LoraFormat.Kohya);
        Assert.Contains(module + ".alpha", FuseCase.Bytes(Back).Keys);
    }

    [Fact]
    public void What_the_model_does_not_have_is_refused_with_names()
    {
        var mixed = _case.Write(
            "mixed.safetensors",
            ("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight", ones(1, 2048)), ("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_B.weight", ones(640, 1)),
            ("unet.up_blocks.3.resnets.0.conv1.lora_A.weight", ones(1, 640, 3, 3)), ("unet.up_blocks.3.resnets.0.conv1.lora_B.weight", ones(320, 1, 1, 1)));
        var e = Assert.Throws<LoraMergeException>(() => LoraConverter.Convert(mixed, Back, LoraFormat.Kohya));
        Assert.Equal("LoraFormatCannotHold", e.ErrorId);
        Assert.Contains("up_blocks.3.resnets.0.conv1", e.Message, StringComparison.Ordinal);
        Assert.Equal("LoraFormatCannotHold", Assert.Throws<LoraMergeException>(() => LoraConverter.Convert(WriteWhole("whole.safetensors"), Back, LoraFormat.Cloneofsimo)).ErrorId);
        Assert.False(File.Exists(Back));
    }

    /// <summary>All modules of the list, of rank 1 and narrow, so that the file is small; the context's width stays, as it tells the model.</summary>
    private string WriteWhole(string name, float alpha = 1)
    {
        var tensors = KeyLists.Read("sdxl.lora.c3lier.r16c8").Select((entry, i) => (entry.Key, Value: Make(entry.Key, entry.Value, i))).ToArray();
        return _case.Write(name, tensors);

        Tensor Make(string key, string shape, int item)
        {
            if (shape.Length == 0)
                return tensor(alpha);
            long[] sides = [.. shape.Split(',').Select(long.Parse)];
            sides[key.Contains("lora_down", StringComparison.Ordinal) ? 0 : 1] = 1;
            var large = key.Contains("lora_down", StringComparison.Ordinal) ? 1 : 0;
            sides[large] = sides[large] == 2048 ? 2048 : Math.Max(1, sides[large] / 64);
            return new CounterRandom(7, RandomPurpose.NetworkInit, item: item).Normal(sides);
        }
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
