using System.Globalization;
using System.Text.Json;

namespace LoraPS.Engine.Formats;

/// <summary>The metadata that sd-scripts puts into LoRA files and that user interfaces read: keys, and what can be read out of them.</summary>
/// <remarks>Keys follow sd-scripts 48d368fa. All values are text, numbers and flags as Python prints them (<see cref="PythonText"/>).</remarks>
/// <param name="Values">The file's whole metadata.</param>
public sealed record LoraMetadata(IReadOnlyDictionary<string, string> Values)
{
    /// <summary>What training metadata starts with.</summary>
    public const string Prefix = "ss_";

    /// <summary>Class of the network: "networks.lora".</summary>
    public const string NetworkModuleKey = "ss_network_module";

    /// <summary>Rank.</summary>
    public const string NetworkDimKey = "ss_network_dim";

    /// <summary>Alpha.</summary>
    public const string NetworkAlphaKey = "ss_network_alpha";

    /// <summary>Model family: "sd_v1".</summary>
    public const string BaseModelVersionKey = "ss_base_model_version";

    /// <summary>"True" for Stable Diffusion 2.</summary>
    public const string IsVersion2Key = "ss_v2";

    /// <summary>JSON: rank and alpha of convolutions, and whatever else the network was given.</summary>
    public const string NetworkArgsKey = "ss_network_args";

    /// <summary>Free text.</summary>
    public const string CommentKey = "ss_training_comment";

    /// <summary>JSON: folder, tag, how often.</summary>
    public const string TagFrequencyKey = "ss_tag_frequency";

    /// <summary>JSON: folders of regularisation pictures.</summary>
    public const string RegularizationKey = "ss_reg_dataset_dirs";

    /// <summary>SHA-256 of the tensors' bytes.</summary>
    public const string ModelHashKey = "sshs_model_hash";

    /// <summary>The older hash, of a part of the file.</summary>
    public const string LegacyHashKey = "sshs_legacy_hash";

    /// <summary>Class of the network, or null.</summary>
    public string? NetworkModule => Values.GetValueOrDefault(NetworkModuleKey);

    /// <summary>Family of the model it was trained on, or null.</summary>
    public string? BaseModelVersion => Values.GetValueOrDefault(BaseModelVersionKey);

    /// <summary>How often each tag occurs in the captions, over all folders but those of regularisation pictures, most frequent first; empty when the file does not say.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> TagFrequency()
    {
        if (!Values.TryGetValue(TagFrequencyKey, out var json))
            return [];
        var totals = new Dictionary<string, long>(StringComparer.Ordinal);
        AddTags(json, FolderNames(Values.GetValueOrDefault(RegularizationKey, "{}")), totals);
        return [.. totals.OrderByDescending(tag => tag.Value).ThenBy(tag => tag.Key, StringComparer.Ordinal)];
    }

    private static HashSet<string> FolderNames(string json)
    {
        var names = new HashSet<string>();
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var folder in document.RootElement.EnumerateObject())
                names.Add(folder.Name);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What cannot be read leaves nothing out.
        }

        return names;
    }

    private static void AddTags(string json, HashSet<string> others, Dictionary<string, long> totals)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var folder in document.RootElement.EnumerateObject())
            {
                if (others.Contains(folder.Name))
                    continue;
                foreach (var tag in folder.Value.EnumerateObject())
                    totals[tag.Name] = totals.GetValueOrDefault(tag.Name) + Count(tag.Value);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Metadata is anybody's text: a file whose tag counts cannot be read is still a good LoRA.
            totals.Clear();
        }
    }

    private static long Count(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
            ? long.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var parsed) ? parsed : 0
            : value.TryGetInt64(out var number) ? number : 0;
}
