using System.Text.Json;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

public class LdmNamesTests
{
    [Theory]
    [InlineData("unet", ModelPart.UNet, 684)]
    [InlineData("vae", ModelPart.Vae, 240)]
    [InlineData("text_encoder", ModelPart.TextEncoder, 52)]
    public void A_small_models_names_are_translated_as_the_reference_does(string map, ModelPart expectedPart, int count)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Fixture("unet/sd1_keymap.json")));
        var pairs = document.RootElement.GetProperty(map).EnumerateObject().ToList();
        Assert.Equal(count, pairs.Count);
        Assert.All(pairs, pair =>
        {
            Assert.True(LdmNames.TryToDiffusers(pair.Name, out var part, out var key), pair.Name);
            Assert.Equal(expectedPart, part);
            Assert.Equal(pair.Value.GetString(), key);
        });
    }

    [Fact]
    public void A_full_single_file_holds_exactly_the_tensors_of_the_three_networks()
    {
        var checkpoint = KeyLists.Read("sd15.checkpoint.ldm");
        var translated = checkpoint.Keys.Select(ldm => LdmNames.TryToDiffusers(ldm, out var part, out var key) ? (part, key, ldm) : throw new KeyNotFoundException(ldm)).ToList();
        Assert.Equal(Names("sd15.unet.diffusers"), Of(ModelPart.UNet));
        Assert.Equal(Names("sd15.vae.diffusers"), Of(ModelPart.Vae));
        Assert.Equal(Names("sd15.text_encoder.diffusers"), Of(ModelPart.TextEncoder));
        Assert.DoesNotContain(checkpoint.Keys, LdmNames.IsExtra);

        IEnumerable<string> Of(ModelPart part) => translated.Where(t => t.part == part).Select(t => t.key).Order(StringComparer.Ordinal);
        static IEnumerable<string> Names(string list) => KeyLists.Read(list).Keys.Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Shapes_stay_but_for_the_vaes_attention()
    {
        var shapes = new[] { "unet", "vae", "text_encoder" }.SelectMany(list => KeyLists.Read($"sd15.{list}.diffusers")).ToDictionary();
        var changed = KeyLists.Read("sd15.checkpoint.ldm").Where(tensor =>
        {
            LdmNames.TryToDiffusers(tensor.Key, out _, out var key);
            return shapes[key!] != tensor.Value;
        }).ToList();
        Assert.Equal(8, changed.Count);
        Assert.All(changed, tensor => Assert.Contains(".mid.attn_1.", tensor.Key, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_encoder_names_may_lack_text_model()
    {
        Assert.True(LdmNames.TryToDiffusers("cond_stage_model.transformer.encoder.layers.3.mlp.fc1.weight", out var part, out var key));
        Assert.Equal((ModelPart.TextEncoder, "text_model.encoder.layers.3.mlp.fc1.weight"), (part, key));
    }

    [Theory]
    [InlineData("betas")]
    [InlineData("posterior_mean_coef2")]
    [InlineData("model_ema.decay")]
    [InlineData("model_ema.diffusion_modelinput_blocks00weight")]
    [InlineData("cond_stage_model.transformer.text_model.embeddings.position_ids")]
    [InlineData("cond_stage_model.transformer.embeddings.position_ids")]
    public void Extras_are_known_and_belong_to_no_network(string key)
    {
        Assert.True(LdmNames.IsExtra(key));
        Assert.False(LdmNames.TryToDiffusers(key, out _, out _));
    }

    [Theory]
    [InlineData("model.diffusion_model.input_blocks.0.1.weight")]
    [InlineData("model.diffusion_model.input_blocks.-1.0.in_layers.0.weight")]
    [InlineData("model.diffusion_model.input_blocks.1.0.surprise.weight")]
    [InlineData("model.diffusion_model.input_blocks.1.0.op.weight")]
    [InlineData("model.diffusion_model.output_blocks.0.1.conv.weight")]
    [InlineData("model.diffusion_model.middle_block.1.surprise.weight")]
    [InlineData("model.diffusion_model.label_emb.0.1.weight")]
    [InlineData("first_stage_model.decoder.up.4.block.0.norm1.weight")]
    [InlineData("first_stage_model.encoder.mid.attn_1.surprise.weight")]
    [InlineData("first_stage_model.loss.weight")]
    [InlineData("cond_stage_model.model.ln_final.weight")]
    [InlineData("conv_in.weight")]
    [InlineData("")]
    public void Other_names_are_neither(string key)
    {
        Assert.False(LdmNames.TryToDiffusers(key, out _, out _));
        Assert.False(LdmNames.IsExtra(key));
    }
}
