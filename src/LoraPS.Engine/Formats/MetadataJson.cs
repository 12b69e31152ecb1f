using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoraPS.Engine.Formats;

/// <summary>JSON in the metadata of a file, which is anybody's text.</summary>
internal static class MetadataJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object a text stands for; null where it is none, or holds what cannot be read or written again.</summary>
    public static JsonObject? Object(string? text)
    {
        try
        {
            var parsed = text is null ? null : JsonNode.Parse(text, documentOptions: Strict) as JsonObject;
            // Texts and names are looked at only now: half of a character that takes two is an error.
            parsed?.DeepClone().ToJsonString();
            _ = parsed?.Count;
            return parsed;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
