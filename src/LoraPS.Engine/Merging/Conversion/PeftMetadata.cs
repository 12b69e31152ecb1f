using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>Ranks and alphas in the metadata of diffusers files: one JSON text with the configuration of each network.</summary>
/// <remarks>Follows diffusers src/diffusers/loaders/lora_base.py@58eb52c (<c>lora_adapter_metadata</c>); what the fields mean is told by <see cref="PeftAlphas"/>.</remarks>
internal static class PeftMetadata
{
    /// <summary>The key it is under.</summary>
    public const string Key = "lora_adapter_metadata";

    /// <summary>Finds alphas.</summary>
    /// <param name="metadata">A file's metadata.</param>
    /// <param name="path">The file.</param>
    /// <returns>The alpha of a module by network, path and rank; the rank where nothing is said.</returns>
    public static Func<ModelPart, string, long, double> Alphas(IReadOnlyDictionary<string, string> metadata, string path)
    {
        var root = MetadataJson.Object(metadata.GetValueOrDefault(Key));
        var parts = new Dictionary<ModelPart, PeftAlphas>();
        return (part, module, rank) =>
        {
            if (!parts.TryGetValue(part, out var alphas))
                parts[part] = alphas = new(name => root?[DiffusersPrefixes.Of(part) + name], path, absent: null);
            return alphas.Of(module, rank);
        };
    }

    /// <summary>The text for these modules.</summary>
    public static string Of(IReadOnlyCollection<ConvertedModule> modules)
    {
        var root = new JsonObject();
        foreach (var part in modules.GroupBy(module => module.Part))
        {
            foreach (var (name, value) in PeftConfig.StrengthsOf([.. part]))
                root[DiffusersPrefixes.Of(part.Key) + name] = value;
        }

        return root.ToJsonString();
    }
}
