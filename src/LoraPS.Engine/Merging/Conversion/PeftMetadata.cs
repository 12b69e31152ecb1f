using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Ranks and alphas in the metadata of diffusers files: one JSON text with the configuration of each network.</summary>
/// <remarks>
/// Follows diffusers src/diffusers/loaders/lora_base.py@58eb52c (<c>lora_adapter_metadata</c>) and peft LoraConfig@5d602fdb: what most
/// modules have is said once, the others by their path in a pattern. With <c>use_rslora</c> strength is alpha/√rank, which
/// reads as alpha·√rank.
/// </remarks>
internal static class PeftMetadata
{
    /// <summary>The key it is under.</summary>
    public const string Key = "lora_adapter_metadata";

    /// <summary>Finds alphas.</summary>
    /// <param name="metadata">A file's metadata.</param>
    /// <returns>The alpha of a module by network, path and rank; the rank where nothing is said.</returns>
    public static Func<ModelPart, string, long, double> Alphas(IReadOnlyDictionary<string, string> metadata)
    {
        var root = MetadataJson.Object(metadata.GetValueOrDefault(Key));
        return (part, path, rank) =>
        {
            var prefix = DiffusersPrefixes.Of(part);
            var pattern = root?[prefix + "alpha_pattern"] as JsonObject;
            // Peft matches a pattern against the end of the path.
            var named = pattern?.FirstOrDefault(entry => path == entry.Key || path.EndsWith("." + entry.Key, StringComparison.Ordinal)).Value;
            var alpha = Number(named) ?? Number(root?[prefix + "lora_alpha"]) ?? rank;
            return root?[prefix + "use_rslora"] is JsonValue flag && flag.TryGetValue<bool>(out var isRankStabilised) && isRankStabilised ? alpha * Math.Sqrt(rank) : alpha;
        };
    }

    /// <summary>The text for these modules.</summary>
    public static string Of(IReadOnlyCollection<ConvertedModule> modules)
    {
        var root = new JsonObject();
        foreach (var part in modules.GroupBy(module => module.Part))
        {
            var prefix = DiffusersPrefixes.Of(part.Key);
            var (rank, alpha) = (MostCommon(part.Select(module => module.Rank)), MostCommon(part.Select(module => module.Alpha)));
            root[prefix + "r"] = rank;
            root[prefix + "lora_alpha"] = Value(alpha);
            root[prefix + "rank_pattern"] = Pattern(part.Where(module => module.Rank != rank), module => module.Rank);
            root[prefix + "alpha_pattern"] = Pattern(part.Where(module => module.Alpha != alpha), module => Value(module.Alpha));
            root[prefix + "target_modules"] = new JsonArray([.. part.Select(module => (JsonNode)module.Path)]);
        }

        return root.ToJsonString();
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private static JsonNode Value(double number) => number == Math.Floor(number) && Math.Abs(number) < int.MaxValue ? (int)number : number;

    private static JsonObject Pattern(IEnumerable<ConvertedModule> modules, Func<ConvertedModule, JsonNode> value) =>
        new(modules.Select(module => KeyValuePair.Create<string, JsonNode?>(module.Path, value(module))));

    private static T MostCommon<T>(IEnumerable<T> values) => values.GroupBy(value => value).MaxBy(group => group.Count())!.Key;
}
