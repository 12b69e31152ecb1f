using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Tests.Naming;

public class KohyaNamesTests
{
    [Theory]
    [InlineData("sd15.lora.lierla.r16", 264)]
    [InlineData("sd15.lora.c3lier.r16c8", 350)]
    public void Every_module_of_a_LoRA_is_the_name_of_one_layer(string list, int count)
    {
        var layers = Layers("sd15.unet.diffusers", KohyaNames.ForUNet).Concat(Layers("sd15.text_encoder.diffusers", KohyaNames.ForTextEncoder)).ToList();
        Assert.Equal(layers.Count, layers.Distinct().Count());
        var modules = KeyLists.Read(list).Keys.Where(key => key.EndsWith(KohyaNames.DownSuffix, StringComparison.Ordinal)).Select(key => key[..^KohyaNames.DownSuffix.Length]).ToList();
        Assert.Equal(count, modules.Count);
        Assert.Empty(modules.Except(layers));
    }

    private static IEnumerable<string> Layers(string list, Func<string, string> name) =>
        KeyLists.Read(list).Keys.Where(key => key.EndsWith(".weight", StringComparison.Ordinal)).Select(key => name(key[..^".weight".Length]));
}
