using System.Text.Json;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

/// <summary>Expected numbers computed by sd-scripts 48d368fa, svd_merge_lora.get_lbw_block_index.</summary>
public class BlockLocatorTests
{
    [Theory]
    [InlineData("c3lier", 295)]
    [InlineData("sdxl", 272)]
    public void Every_module_lies_in_the_block_of_the_reference(string network, int modules)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/block_index.json")));
        var expected = json.RootElement.GetProperty(network).EnumerateObject().ToDictionary(p => p.Name, p => (UNetBlock?)p.Value[0].GetInt32());
        Assert.Equal(modules, expected.Count);
        Assert.All(expected, pair => Assert.Equal(pair.Value, BlockLocator.Find(pair.Key)));
    }

    [Theory]
    [InlineData("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", UNetBlock.IN04)]
    [InlineData("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", UNetBlock.IN04)]
    [InlineData("unet.mid_block.attentions.0.proj_in", UNetBlock.MID)]
    [InlineData("text_encoder.text_model.encoder.layers.0.mlp.fc1", UNetBlock.BASE)]
    [InlineData("lora_te2_text_projection", UNetBlock.BASE)]
    [InlineData("lora_unet_conv_in", UNetBlock.IN00)]
    [InlineData("lora_unet_time_embedding_linear_1", UNetBlock.IN00)]
    [InlineData("lora_unet_label_emb_0_0", UNetBlock.IN00)]
    [InlineData("lora_unet_out_2", UNetBlock.OUT09)]
    [InlineData("lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_attn1_to_out_0", UNetBlock.OUT11)]
    public void Other_spellings_lead_to_the_same_blocks(string name, UNetBlock block) => Assert.Equal(block, BlockLocator.Find(name));

    [Theory]
    [InlineData("lora_unet_conv_out")]
    [InlineData("lora_unet_double_blocks_3_img_attn_proj")]
    [InlineData("lora_unet_input_blocks_12_0_op")]
    public void Other_names_lie_in_no_block(string name) => Assert.Null(BlockLocator.Find(name));

    [Fact]
    public void Lists_of_every_length_stand_for_the_blocks_of_the_reference()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("merge/svd_merge.json")));
        var targets = json.RootElement.GetProperty("targets").EnumerateObject().ToDictionary(
            p => int.Parse(p.Name, System.Globalization.CultureInfo.InvariantCulture),
            p => p.Value.EnumerateArray().Select(v => (UNetBlock)v.GetInt32()));
        Assert.Equal(targets.Keys.Order(), BlockLayout.Lengths);
        Assert.All(targets, t => Assert.Equal(t.Value, BlockLayout.OfLength(t.Key)));
        Assert.Throws<ArgumentException>(() => BlockLayout.OfLength(16));
    }
}
