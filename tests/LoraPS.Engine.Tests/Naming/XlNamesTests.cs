using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

/// <summary>Names of Stable Diffusion XL, over complete lists.</summary>
public sealed class XlNamesTests
{
    private const string UNetPrefix = "model.diffusion_model.";
    private const string Weight = ".weight";

    [Fact]
    public void Every_tensor_of_the_U_Net_has_its_name_in_both_spellings()
    {
        var ldm = KeyLists.Read("sdxl.checkpoint.ldm").Where(tensor => tensor.Key.StartsWith(UNetPrefix, StringComparison.Ordinal)).ToDictionary();
        var diffusers = KeyLists.Read("sdxl.unet.diffusers");
        Assert.Equal((1680, 1680), (ldm.Count, diffusers.Count));
        foreach (var (key, shape) in ldm)
        {
            Assert.True(LdmNames.TryToDiffusers(key, out var part, out var name), key);
            Assert.Equal((ModelPart.UNet, shape), (part, diffusers[name]));
            var leaf = name[name.LastIndexOf('.')..];
            Assert.Equal("lora_unet_" + key[UNetPrefix.Length..^leaf.Length].Replace('.', '_'), KohyaNames.ForModule(part, name[..^leaf.Length], isXl: true));
        }
    }

    [Theory]
    [InlineData("up_blocks.3.resnets.0.conv1")]
    [InlineData("down_blocks.0.attentions.0.proj_in")]
    [InlineData("down_blocks.2.downsamplers.0.conv")]
    [InlineData("up_blocks.2.attentions.0.proj_in")]
    [InlineData("up_blocks.2.upsamplers.0.conv")]
    [InlineData("mid_block.resnets.2.conv1")]
    [InlineData("mid_block.attentions.0")]
    [InlineData("down_blocks.1.resnets.0.surprise")]
    [InlineData("")]
    public void Places_that_only_other_models_have_are_none(string path) => Assert.Null(KohyaNames.ForModule(ModelPart.UNet, path, isXl: true));

    [Fact]
    public void Every_module_of_sd_scripts_has_the_path_of_a_weight()
    {
        var naming = LoraNamings.For(LoraFormat.Kohya, [], isXl: true);
        var paths = new[] { ("sdxl.unet.diffusers", ModelPart.UNet), ("sdxl.text_encoder.diffusers", ModelPart.TextEncoder), ("sdxl.text_encoder_2.diffusers", ModelPart.TextEncoder2) }
            .SelectMany(list => KeyLists.Read(list.Item1).Keys.Select(key => (list.Item2, key))).ToHashSet();
        var keys = KeyLists.Read("sdxl.lora.c3lier.r16c8").Keys.ToList();
        Assert.Equal(3156, keys.Count);
        foreach (var key in keys)
        {
            var name = naming.Parse(key)!.Value;
            Assert.Contains((name.Part, name.Path + Weight), paths);
            Assert.Equal(key, naming.Write(name));
        }

        Assert.Equal(naming, LoraNamings.Detect(keys, new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData(LoraFormat.Peft)]
    [InlineData(LoraFormat.Diffusers)]
    public void Every_module_has_a_key_that_is_read_as_it_was_written(LoraFormat format)
    {
        var (kohya, naming) = (LoraNamings.For(LoraFormat.Kohya, [], isXl: true), LoraNamings.For(format, [], isXl: true));
        var names = KeyLists.Read("sdxl.lora.c3lier.r16c8").Keys.Select(key => kohya.Parse(key)!.Value).Where(name => name.Kind != LoraTensorKind.Alpha).ToList();
        Assert.All(names, name => Assert.Equal(name, naming.Parse(naming.Write(name)!)));
        Assert.Equal(names.Count, names.Select(naming.Write).Distinct().Count());
        Assert.Equal(format, LoraNamings.Detect([.. names.Select(name => naming.Write(name)!)], new Dictionary<string, string>())!.Format);
    }

    [Theory]
    [InlineData("lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_out_0", "down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_out.0")]
    [InlineData("lora_unet_input_blocks_6_0_op", "down_blocks.1.downsamplers.0.conv")]
    [InlineData("lora_unet_middle_block_2_emb_layers_1", "mid_block.resnets.1.time_emb_proj")]
    [InlineData("lora_unet_output_blocks_2_2_conv", "up_blocks.0.upsamplers.0.conv")]
    [InlineData("lora_unet_output_blocks_8_0_skip_connection", "up_blocks.2.resnets.2.conv_shortcut")]
    [InlineData("lora_unet_label_emb_0_2", "add_embedding.linear_2")]
    [InlineData("lora_unet_out_2", "conv_out")]
    public void Names_of_sd_scripts_mean_diffusers_paths(string module, string path)
    {
        var naming = LoraNamings.For(LoraFormat.Kohya, [], isXl: true);
        Assert.Equal(new(ModelPart.UNet, path, LoraTensorKind.Alpha), naming.Parse(module + ".alpha"));
        Assert.Equal(new(ModelPart.UNet, path, LoraTensorKind.Alpha), naming.Parse(KohyaNames.ForUNet(path) + ".alpha"));
        Assert.Equal(module, KohyaNames.ForModule(ModelPart.UNet, path, isXl: true));
    }

    [Fact]
    public void The_modules_that_networks_adapt_are_those_of_the_reference()
    {
        var weights = KeyLists.Read("sdxl.checkpoint.ldm").Keys.Where(key => LdmNames.TryToDiffusers(key, out var part, out _) && part == ModelPart.UNet)
            .Select(key => LdmNames.TryToDiffusers(key, out var part, out var name) ? KohyaNames.ForTensor(part, name, isXl: true) : null).OfType<string>().ToList();
        var modules = KeyLists.Read("sdxl.lora.c3lier.r16c8").Keys.Where(key => key.StartsWith("lora_unet_", StringComparison.Ordinal) && key.EndsWith(KohyaNames.DownSuffix, StringComparison.Ordinal))
            .Select(key => key[..^KohyaNames.DownSuffix.Length]).Order().ToList();
        Assert.Equal(788, modules.Count);
        Assert.All(modules, module => Assert.True(KohyaNames.IsAdapted(module, convolutions: true), module));
        Assert.Equal(722, modules.Count(module => KohyaNames.IsAdapted(module, convolutions: false)));
        Assert.Empty(modules.Except(weights));
    }
}
