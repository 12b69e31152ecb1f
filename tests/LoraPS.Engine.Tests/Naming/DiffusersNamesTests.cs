using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

public class DiffusersNamesTests
{
    [Theory]
    [InlineData("decoder.mid_block.attentions.0.query.weight", "decoder.mid_block.attentions.0.to_q.weight")]
    [InlineData("encoder.mid_block.attentions.0.key.bias", "encoder.mid_block.attentions.0.to_k.bias")]
    [InlineData("encoder.mid_block.attentions.0.value.bias", "encoder.mid_block.attentions.0.to_v.bias")]
    [InlineData("encoder.mid_block.attentions.0.proj_attn.weight", "encoder.mid_block.attentions.0.to_out.0.weight")]
    public void Old_names_of_the_vaes_attention_become_the_present_ones(string old, string present) =>
        Assert.Equal(present, DiffusersNames.Modernise(old));

    [Fact]
    public void Present_names_stay() =>
        Assert.All(KeyLists.Read("sd15.vae.diffusers").Keys, key => Assert.Equal(key, DiffusersNames.Modernise(key)));

    [Fact]
    public void Position_ids_are_extra() => Assert.True(DiffusersNames.IsExtra("text_model.embeddings.position_ids"));
}
