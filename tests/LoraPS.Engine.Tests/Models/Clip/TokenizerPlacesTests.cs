using LoraPS.Engine.Models.Clip;

namespace LoraPS.Engine.Tests.Models.Clip;

public class TokenizerPlacesTests
{
    [Theory]
    [InlineData("hub", "HF_HUB_CACHE=hub", "HUGGINGFACE_HUB_CACHE=old", "HF_HOME=home")]
    [InlineData("old", "HUGGINGFACE_HUB_CACHE=old", "HF_HOME=home")]
    [InlineData("home/hub", "HF_HOME=home", "XDG_CACHE_HOME=cache")]
    [InlineData("cache/huggingface/hub", "HF_HUB_CACHE=", "XDG_CACHE_HOME=cache")]
    public void The_hugging_face_cache_is_where_its_variables_say(string cache, params string[] variables) =>
        Assert.Equal(cache, PlacesOf(variables).HubCache.Replace('\\', '/'));

    [Fact]
    public void With_no_variables_the_usual_places_are_taken()
    {
        var places = PlacesOf();
        Assert.EndsWith(".cache/huggingface/hub", places.HubCache.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.EndsWith("LoraPS/tokenizers/clip-vit-large-patch14", places.KeptFolder.Replace('\\', '/'), StringComparison.Ordinal);
        Assert.All((string[])[places.HubCache, places.KeptFolder], path => Assert.True(Path.IsPathRooted(path)));
        Assert.Equal("https://huggingface.co", places.Endpoint);
    }

    [Fact]
    public void Another_hub_can_be_named() => Assert.Equal("https://mirror.test", PlacesOf("HF_ENDPOINT=https://mirror.test").Endpoint);

    private static TokenizerPlaces PlacesOf(params string[] variables)
    {
        var values = variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return TokenizerPlaces.FromEnvironment(name => values.GetValueOrDefault(name));
    }
}
