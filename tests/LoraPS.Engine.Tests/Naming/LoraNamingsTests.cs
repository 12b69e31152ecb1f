using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

public sealed class LoraNamingsTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    // The reference's own names against the reference's own paths.
    [Fact]
    public void Every_module_of_sd_scripts_has_the_path_of_a_weight()
    {
        var naming = LoraNamings.For(LoraFormat.Kohya, []);
        var paths = KeyLists.Read("sd15.unet.diffusers").Keys.Select(key => (ModelPart.UNet, key))
            .Concat(KeyLists.Read("sd15.text_encoder.diffusers").Keys.Select(key => (ModelPart.TextEncoder, key))).ToHashSet();
        var keys = KeyLists.Read("sd15.lora.c3lier.r16c8").Keys.ToList();
        Assert.Equal(1050, keys.Count);
        foreach (var key in keys)
        {
            var name = naming.Parse(key)!.Value;
            Assert.Contains((name.Part, name.Path + ".weight"), paths);
            Assert.Equal(key, naming.Write(name));
        }
    }

    [Theory]
    [InlineData(LoraFormat.Peft)]
    [InlineData(LoraFormat.PeftFolder)]
    [InlineData(LoraFormat.Diffusers)]
    public void Every_module_has_a_key_that_is_read_as_it_was_written(LoraFormat format)
    {
        var (kohya, naming) = (LoraNamings.For(LoraFormat.Kohya, []), LoraNamings.For(format, []));
        var names = KeyLists.Read("sd15.lora.c3lier.r16c8").Keys.Select(key => kohya.Parse(key)!.Value).Where(name => name.Kind != LoraTensorKind.Alpha).ToList();
        Assert.All(names, name => Assert.Equal(name, naming.Parse(naming.Write(name)!)));
        Assert.Equal(format, LoraNamings.Detect([.. names.Select(name => naming.Write(name)!)], NoMetadata)!.Format);
    }

    [Theory]
    [InlineData(LoraFormat.Kohya, "lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_ff_net_0_proj.lora_up.weight", ModelPart.UNet, "up_blocks.3.attentions.2.transformer_blocks.0.ff.net.0.proj", LoraTensorKind.Up)]
    [InlineData(LoraFormat.Kohya, "lora_te_text_model_encoder_layers_11_self_attn_out_proj.alpha", ModelPart.TextEncoder, "text_model.encoder.layers.11.self_attn.out_proj", LoraTensorKind.Alpha)]
    [InlineData(LoraFormat.Peft, "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0.lora_A.weight", ModelPart.UNet, "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0", LoraTensorKind.Down)]
    [InlineData(LoraFormat.Peft, "text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_B.weight", ModelPart.TextEncoder, "text_model.encoder.layers.0.mlp.fc1", LoraTensorKind.Up)]
    [InlineData(LoraFormat.PeftFolder, "base_model.model.mid_block.attentions.0.proj_in.lora_A.weight", ModelPart.UNet, "mid_block.attentions.0.proj_in", LoraTensorKind.Down)]
    [InlineData(LoraFormat.PeftFolder, "base_model.model.text_model.encoder.layers.0.mlp.fc1.lora_B.weight", ModelPart.TextEncoder, "text_model.encoder.layers.0.mlp.fc1", LoraTensorKind.Up)]
    [InlineData(LoraFormat.Diffusers, "unet.mid_block.attentions.0.proj_in.lora.down.weight", ModelPart.UNet, "mid_block.attentions.0.proj_in", LoraTensorKind.Down)]
    [InlineData(LoraFormat.Diffusers, "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_linear_layer.up.weight", ModelPart.TextEncoder, "text_model.encoder.layers.0.self_attn.q_proj", LoraTensorKind.Up)]
    [InlineData(LoraFormat.DiffusersProcessor, "unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_q_lora.down.weight", ModelPart.UNet, "mid_block.attentions.0.transformer_blocks.0.attn2.to_q", LoraTensorKind.Down)]
    [InlineData(LoraFormat.DiffusersProcessor, "unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_out_lora.up.weight", ModelPart.UNet, "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0", LoraTensorKind.Up)]
    public void Keys_are_those_the_makers_write(LoraFormat format, string key, ModelPart part, string path, LoraTensorKind kind)
    {
        var naming = LoraNamings.For(format, []);
        Assert.Equal(new LoraTensorName(part, path, kind), naming.Parse(key));
        Assert.Equal(key, naming.Write(new(part, path, kind)));
        Assert.Equal(format, LoraNamings.Detect([key], NoMetadata)!.Format);
    }

    [Theory]
    [InlineData("down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_k_lora.up.weight", "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_k")]
    [InlineData("text_encoder.text_model.encoder.layers.3.self_attn.to_v_lora.down.weight", "text_model.encoder.layers.3.self_attn.v_proj")]
    [InlineData("text_encoder.text_model.encoder.layers.3.self_attn.to_out_lora.down.weight", "text_model.encoder.layers.3.self_attn.out_proj")]
    public void Still_older_keys_are_read(string key, string path) =>
        Assert.Equal(path, LoraNamings.Detect([key], NoMetadata)!.Parse(key)!.Value.Path);

    [Theory]
    [InlineData("unet:0:down", "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q")]
    [InlineData("unet:3:down", "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0")]
    [InlineData("unet:4:up", "down_blocks.0.attentions.0.transformer_blocks.0.ff.net.0.proj")]
    [InlineData("unet:6:up", "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k")]
    [InlineData("unet:54:up", "up_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q")]
    [InlineData("unet:143:up", "mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0")]
    [InlineData("text_encoder:0:up", "text_model.encoder.layers.0.self_attn.k_proj")]
    [InlineData("text_encoder:47:up", "text_model.encoder.layers.11.self_attn.out_proj")]
    public void Numbers_of_cloneofsimo_count_the_layers_of_the_model(string key, string path)
    {
        var keys = Enumerable.Range(0, 144).Select(i => $"unet:{i}").Concat(Enumerable.Range(0, 48).Select(i => $"text_encoder:{i}")).SelectMany(k => new[] { k + ":down", k + ":up" }).ToList();
        var metadata = new Dictionary<string, string> { ["unet"] = "[\"CrossAttention\", \"Attention\", \"GEGLU\"]", ["text_encoder"] = "[\"CLIPAttention\"]" };
        var naming = LoraNamings.Detect(keys, metadata)!;
        Assert.Equal((LoraFormat.Cloneofsimo, path), (naming.Format, naming.Parse(key)!.Value.Path));
        Assert.All(keys, k => Assert.Equal(k, naming.Write(naming.Parse(k)!.Value)));
    }

    [Theory]
    [InlineData("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight")]
    [InlineData("lora_unet_input_blocks_1_1_op.lora_down.weight")]
    [InlineData("lora_te3_text_model_encoder_layers_0_mlp_fc1.lora_down.weight")]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")]
    public void Names_of_other_models_have_no_path(string key) =>
        Assert.All(Enum.GetValues<LoraFormat>(), format => Assert.Null(LoraNamings.For(format, []).Parse(key)));
}
