using System.Text.Json;
using LoraPS.Engine.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.Clip;

/// <summary>Numbers computed by sd-scripts 48d368fa: parse_prompt_attention and encode_tokens_with_weights.</summary>
public class PromptAttentionTests
{
    private const int BeginId = 62;
    private const int EndId = 63;
    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("clip/clip.json"))).RootElement;

    [Fact]
    public void Parts_and_weights_equal_the_reference()
    {
        foreach (var test in Facts.GetProperty("prompt_attention").EnumerateArray())
        {
            var expected = test[1].EnumerateArray().Select(part => (part[0].GetString()!, part[1].GetDouble()));
            Assert.Equal(expected, PromptAttention.Parse(test[0].GetString()!));
        }
    }

    /// <summary>sd-scripts ends with an error there.</summary>
    [Fact]
    public void What_is_no_number_is_text() =>
        Assert.Equal([("a:1.2.3)", 1.1)], PromptAttention.Parse("(a:1.2.3)"));

    [Theory]
    [InlineData(@"a\", @"a")]
    [InlineData(@"a\\b", @"a\b")]
    [InlineData(@"a\(b\)", @"a(b)")]
    public void A_backslash_makes_text(string text, string read) =>
        Assert.Equal([(read, 1.0)], PromptAttention.Parse(text));

    [Theory]
    [InlineData("short", 75)]
    [InlineData("long150", 150)]
    public void Weighted_states_equal_the_reference(string name, int maxTokens)
    {
        using var model = TinyModels.ClipL();
        using var golden = GoldenTensors.Open("clip/clip_io.safetensors");
        using var scope = NewDisposeScope();
        var texts = Facts.GetProperty("weighted_texts").EnumerateArray().Select(text => text.GetString()!);
        // The texts' words are the ids themselves.
        var tokens = texts.Select(text => WeightedTokens.Of(
            text, part => [.. part.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)], maxTokens, BeginId, EndId, EndId)).ToList();
        var ids = stack(tokens.Select(token => tensor(token.Chunks.Ids.SelectMany(row => row).ToArray(), [token.Chunks.Ids.Length, 77])));
        Assert.Equal(golden[$"{name}.weighted.ids"].data<long>().ToArray(), ids.data<long>().ToArray());
        var weights = stack(tokens.Select(token => tensor(token.Weights))).unsqueeze(-1);
        golden.AssertNear($"{name}.weighted.l", model.Encode(ids) * weights, 1e-5);
    }
}
