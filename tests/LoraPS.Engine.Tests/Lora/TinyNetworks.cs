using System.Text.Json;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;

namespace LoraPS.Engine.Tests.Lora;

/// <summary>The networks of sd-scripts 48d368fa on the tiny SD1 model: how to make them and what they must be.</summary>
internal static class TinyNetworks
{
    public static LoraOptions Options(string name) => name switch
    {
        "lierla" => new() { Rank = 4, Alpha = 1 },
        "c3lier" => new() { Rank = 4, Alpha = 2, ConvRank = 4, ConvAlpha = 1 },
        "blocks" => new()
        {
            Rank = 4,
            Alpha = 1,
            BlockRanks = [2, 4, 4, 4, 0, 4, 4, 8, 8, 8, 4, 4, 2, 4, 4, 4, 8, 8, 8, 6, 6, 6, 0, 2, 2],
            BlockAlphas = [1, 2, 2, 2, 1, 2, 2, 4, 4, 4, 2, 2, 1, 2, 2, 2, 8, 8, 8, 3, 3, 3, 1, 1, 0.5],
            ConvBlockRanks = [2, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 4, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 0, 4],
            ConvBlockAlphas = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    public static UNetConfig UNet { get; } = new()
    {
        Levels = [new(32, 8, 1), new(32, 8, 1), new(32, 8, 1), new(64, 8, 0)],
        CrossAttentionDim = 32,
    };

    public static ClipTextConfig Text { get; } = new() { VocabularySize = 64, HiddenSize = 32, IntermediateSize = 64, Layers = 3, Heads = 4 };

    public static List<ExpectedModule> Expected(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("lora/modules.json")));
        return [.. json.RootElement.GetProperty(name).GetProperty("modules").EnumerateArray().Select(module => new ExpectedModule(
            module.GetProperty("name").GetString()!, module.GetProperty("dim").GetInt32(), module.GetProperty("alpha").GetDouble(),
            string.Join(',', Shape(module, "down")), string.Join(',', Shape(module, "up"))))];
    }

    private static IEnumerable<long> Shape(JsonElement module, string name) =>
        module.GetProperty(name).EnumerateArray().Select(side => side.GetInt64());

    internal sealed record ExpectedModule(string Name, int Rank, double Alpha, string Down, string Up);
}
