using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

public class ModelFamiliesTests
{
    [Theory]
    [InlineData("sd15.checkpoint.ldm")]
    [InlineData("sd15.unet.diffusers")]
    [InlineData("sd15.lora.lierla.r16")]
    public void Stable_Diffusion_1_is_told_from_files_of_every_kind(string list) =>
        Assert.Equal(ModelFamily.StableDiffusion1, ModelFamilies.Of(KeyLists.Read(list).Select(tensor => Tensor(tensor.Key, tensor.Value))));

    [Theory]
    [InlineData("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", "640,1024", ModelFamily.StableDiffusion2)]
    [InlineData("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", "16,2048", ModelFamily.StableDiffusionXL)]
    [InlineData("lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", "16,1280", ModelFamily.StableDiffusionXL)]
    [InlineData("conditioner.embedders.1.model.logit_scale", "", ModelFamily.StableDiffusionXL)]
    [InlineData("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight", "16,3072", ModelFamily.Flux)]
    [InlineData("model.diffusion_model.joint_blocks.0.x_block.attn.proj.weight", "1536,1536", ModelFamily.StableDiffusion3)]
    [InlineData("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", "64,32", ModelFamily.Unknown)]
    [InlineData("encoder.conv_in.weight", "128,3,3,3", ModelFamily.Unknown)]
    public void Other_families_are_told_by_names_or_widths(string name, string shape, ModelFamily family) =>
        Assert.Equal(family, ModelFamilies.Of([Tensor("x.bias", "4"), Tensor(name, shape)]));

    private static TensorInfo Tensor(string name, string shape) =>
        new(name, SafetensorsDType.F32, [.. shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)], 0, 0);
}
