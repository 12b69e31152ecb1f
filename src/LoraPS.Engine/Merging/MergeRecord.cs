using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LoraPS.Engine.Merging;

/// <summary>The metadata by which a merge can be understood and repeated: its method, numbers, and sources with their hashes.</summary>
internal static class MergeRecord
{
    /// <summary>The key it is written under.</summary>
    public const string Key = "loraps.merge";

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The record as JSON. Files go by their names: folders are nobody's business but the maker's.</summary>
    /// <param name="method">What was done.</param>
    /// <param name="options">The numbers it was done with.</param>
    /// <param name="sources">In their order.</param>
    public static string ToJson(string method, object options, IEnumerable<MergedSource> sources)
    {
        var record = new JsonObject
        {
            ["method"] = method,
            ["options"] = JsonSerializer.SerializeToNode(options, options.GetType(), Form),
            ["sources"] = Describe(sources),
        };
        return record.ToJsonString();
    }

    /// <summary>The sources as JSON.</summary>
    public static JsonArray Describe(IEnumerable<MergedSource> sources) => new([.. sources.Select(Describe)]);

    private static JsonObject Describe(MergedSource source)
    {
        var described = new JsonObject
        {
            ["name"] = Path.GetFileName(source.Path), ["sha256"] = source.Sha256, ["ratio"] = source.Ratio,
        };
        if (source.Blocks is { } blocks)
            described["blocks"] = blocks.ToString();
        return described;
    }
}
