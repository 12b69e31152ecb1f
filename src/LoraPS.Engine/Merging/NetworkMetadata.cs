using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>The part of a LoRA's metadata that tells its ranks and alphas.</summary>
/// <remarks>
/// As sd-scripts@48d368fa writes it: one number, or "Dynamic" where modules differ; convolutions with a kernel larger than 1×1
/// have a number of their own in <c>ss_network_args</c>.
/// </remarks>
internal static class NetworkMetadata
{
    /// <summary>The word for numbers that differ from module to module.</summary>
    public const string Differing = "Dynamic";

    private const string Module = "networks.lora";

    /// <summary>Says what the modules are, over what was said before; the network's class stays where one is named.</summary>
    public static void Describe(IDictionary<string, string> metadata, IReadOnlyCollection<ModuleReport> modules)
    {
        var convolutions = modules.Where(module => module.IsConvolution).ToList();
        var plain = convolutions.Count == modules.Count ? convolutions : [.. modules.Where(module => !module.IsConvolution)];
        metadata.TryAdd(LoraMetadata.NetworkModuleKey, Module);
        metadata[LoraMetadata.NetworkDimKey] = RankOf(plain);
        metadata[LoraMetadata.NetworkAlphaKey] = AlphaOf(plain);
        if (convolutions.Count > 0)
        {
            // What cannot be read is lost either way.
            var arguments = MetadataJson.Object(metadata.TryGetValue(LoraMetadata.NetworkArgsKey, out var known) ? known : null) ?? [];
            arguments["conv_dim"] = RankOf(convolutions);
            arguments["conv_alpha"] = AlphaOf(convolutions);
            metadata[LoraMetadata.NetworkArgsKey] = arguments.ToJsonString();
        }
    }

    private static string RankOf(IEnumerable<ModuleReport> modules) => Common(modules.Select(module => (object)module.Rank));

    private static string AlphaOf(IEnumerable<ModuleReport> modules) => Common(modules.Select(module => (object)module.Alpha));

    private static string Common(IEnumerable<object> values) => values.Distinct().ToArray() is [var only] ? PythonText.Of(only) : Differing;
}
