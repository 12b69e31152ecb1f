using System.Text.Json;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>The part of a LoRA's metadata that tells its ranks and alphas.</summary>
/// <remarks>
/// As sd-scripts@48d368fa writes it: one number, or "Dynamic" where modules differ; convolutions with a kernel larger than 1×1
/// have a number of their own in <c>ss_network_args</c>.
/// </remarks>
internal static class NetworkMetadata
{
    private const string Module = "networks.lora";
    private const string Differing = "Dynamic";

    /// <summary>Says what the modules are, over what was said before.</summary>
    public static void Describe(IDictionary<string, string> metadata, IReadOnlyCollection<ModuleReport> modules)
    {
        var convolutions = modules.Where(module => module.IsConvolution).ToList();
        var plain = convolutions.Count == modules.Count ? convolutions : [.. modules.Where(module => !module.IsConvolution)];
        metadata[LoraMetadata.NetworkModuleKey] = Module;
        metadata[LoraMetadata.NetworkDimKey] = RankOf(plain);
        metadata[LoraMetadata.NetworkAlphaKey] = AlphaOf(plain);
        if (convolutions.Count == 0)
        {
            metadata.Remove(LoraMetadata.NetworkArgsKey);
            return;
        }

        metadata[LoraMetadata.NetworkArgsKey] = JsonSerializer.Serialize(
            new Dictionary<string, string> { ["conv_dim"] = RankOf(convolutions), ["conv_alpha"] = AlphaOf(convolutions) });
    }

    private static string RankOf(IEnumerable<ModuleReport> modules) => Common(modules.Select(module => (object)module.Rank));

    private static string AlphaOf(IEnumerable<ModuleReport> modules) => Common(modules.Select(module => (object)module.Alpha));

    private static string Common(IEnumerable<object> values) => values.Distinct().ToArray() is [var only] ? PythonText.Of(only) : Differing;
}
