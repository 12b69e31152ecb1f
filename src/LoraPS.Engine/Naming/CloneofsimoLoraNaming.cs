using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LoraPS.Engine.Naming;

/// <summary>The names of cloneofsimo's lora: a network and the running number of the layer in it.</summary>
/// <remarks>
/// Follows cloneofsimo/lora lora_diffusion/lora.py@d84074b3 for Stable Diffusion 1 and 2: layers are counted in the order in
/// which the model declares them (down, up, then mid blocks; in each transformer block attn1, the feed-forward's GEGLU,
/// attn2; in a text encoder layer k, v, q, out). The metadata lists the classes whose layers count, and their ranks. Its other
/// class lists, such as those with residual blocks, are not read.
/// </remarks>
internal sealed partial class CloneofsimoLoraNaming : ILoraNaming
{
    private const string Attention = "CrossAttention";
    private const string NewAttention = "Attention";
    private const string Gated = "GEGLU";
    private const string TextAttention = "CLIPAttention";

    private static readonly string[] TextLayerModules = ["k_proj", "v_proj", "q_proj", "out_proj"];

    private static readonly (ModelPart Part, string Name)[] Parts = [(ModelPart.UNet, "unet"), (ModelPart.TextEncoder, "text_encoder")];

    private readonly Dictionary<ModelPart, List<string>> _paths;

    private CloneofsimoLoraNaming(Dictionary<ModelPart, List<string>> paths) => _paths = paths;

    public LoraFormat Format => LoraFormat.Cloneofsimo;

    /// <summary>All modules a file of these networks holds, in its order.</summary>
    public IEnumerable<(ModelPart Part, string Path)> Modules => _paths.SelectMany(part => part.Value.Select(path => (part.Key, path)));

    /// <summary>The naming of a file; null when it has no such names, or lists classes that are not known.</summary>
    public static CloneofsimoLoraNaming? OfFile(IReadOnlyCollection<string> keys, IReadOnlyDictionary<string, string> metadata)
    {
        var paths = new Dictionary<ModelPart, List<string>>();
        foreach (var (part, name) in Parts)
        {
            var count = keys.Count(key => key.StartsWith(name + ":", StringComparison.Ordinal) && key.EndsWith(":down", StringComparison.Ordinal));
            if (count == 0)
                continue;
            var classes = Classes(metadata.GetValueOrDefault(name));
            var list = part == ModelPart.UNet ? UNetPaths(classes) : TextPaths(classes, count / TextLayerModules.Length);
            if (list.Count != count)
                return null;
            paths[part] = list;
        }

        return paths.Count == 0 ? null : new(paths);
    }

    /// <summary>The naming for a LoRA of these modules; the numbers run over all layers of its classes, so all must be there.</summary>
    public static CloneofsimoLoraNaming OfModules(IReadOnlyCollection<(ModelPart Part, string Path)> modules)
    {
        var (unet, text) = (Paths(modules, ModelPart.UNet), Paths(modules, ModelPart.TextEncoder));
        var paths = new Dictionary<ModelPart, List<string>>();
        if (unet.Count > 0)
            paths[ModelPart.UNet] = UNetPaths(unet.Exists(path => path.EndsWith(".ff.net.0.proj", StringComparison.Ordinal)) ? [Attention, Gated] : [Attention]);
        if (text.Count > 0)
            paths[ModelPart.TextEncoder] = TextPaths([TextAttention], text.Max(TextLayer) + 1);
        return new(paths);
    }

    public LoraTensorName? Parse(string key)
    {
        var match = Key().Match(key);
        if (!match.Success)
            return null;
        var part = Array.Find(Parts, entry => entry.Name == match.Groups[1].Value).Part;
        var kind = match.Groups[3].Value == "down" ? LoraTensorKind.Down : LoraTensorKind.Up;
        return _paths.TryGetValue(part, out var paths) && int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) is var number && number < paths.Count
            ? new(part, paths[number], kind)
            : null;
    }

    public string? Write(LoraTensorName name) =>
        name.Kind != LoraTensorKind.Alpha && _paths.TryGetValue(name.Part, out var paths) && paths.IndexOf(name.Path) is >= 0 and var number
            ? string.Create(CultureInfo.InvariantCulture, $"{Array.Find(Parts, entry => entry.Part == name.Part).Name}:{number}:{(name.Kind == LoraTensorKind.Down ? "down" : "up")}")
            : null;

    /// <summary>The metadata a file of this form has.</summary>
    /// <param name="rankOf">Rank of a module.</param>
    public IEnumerable<KeyValuePair<string, string>> Metadata(Func<(ModelPart Part, string Path), long> rankOf)
    {
        foreach (var (part, name) in Parts)
        {
            if (!_paths.TryGetValue(part, out var paths))
                continue;
            string[] classes = part == ModelPart.TextEncoder ? [TextAttention]
                : paths.Exists(path => path.EndsWith(".ff.net.0.proj", StringComparison.Ordinal)) ? [Attention, NewAttention, Gated]
                : [Attention, NewAttention];
            yield return new(name, $"[{string.Join(", ", classes.Select(c => $"\"{c}\""))}]");
            for (var i = 0; i < paths.Count; i++)
                yield return new(string.Create(CultureInfo.InvariantCulture, $"{name}:{i}:rank"), rankOf((part, paths[i])).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>True for metadata that only this form has.</summary>
    public static bool IsMetadata(string key) => Array.Exists(Parts, entry => key == entry.Name) || RankKey().IsMatch(key);

    private static List<string> Paths(IEnumerable<(ModelPart Part, string Path)> modules, ModelPart part) =>
        [.. modules.Where(module => module.Part == part).Select(module => module.Path)];

    private static HashSet<string> Classes(string? json)
    {
        try
        {
            return json is null ? [] : [.. JsonSerializer.Deserialize<string[]>(json) ?? []];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static List<string> UNetPaths(HashSet<string> classes)
    {
        var attention = classes.Contains(Attention) || classes.Contains(NewAttention);
        if (!classes.IsSubsetOf([Attention, NewAttention, Gated]))
            return [];
        string[] first = attention ? ["attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0"] : [];
        string[] gate = classes.Contains(Gated) ? ["ff.net.0.proj"] : [];
        string[] inner = [.. first, .. gate, .. first.Select(path => path.Replace("attn1", "attn2", StringComparison.Ordinal))];
        var transformers = Places("down_blocks", 0, 2).Concat(Places("up_blocks", 1, 3)).Append("mid_block.attentions.0");
        return [.. transformers.SelectMany(place => inner.Select(path => $"{place}.transformer_blocks.0.{path}"))];
    }

    private static IEnumerable<string> Places(string side, int first, int attentions) =>
        Enumerable.Range(first, 3).SelectMany(level => Enumerable.Range(0, attentions).Select(i => $"{side}.{level}.attentions.{i}"));

    private static List<string> TextPaths(HashSet<string> classes, int layers) => classes.SetEquals([TextAttention])
        ? [.. Enumerable.Range(0, layers).SelectMany(layer => TextLayerModules.Select(path => $"text_model.encoder.layers.{layer}.self_attn.{path}"))]
        : [];

    private static int TextLayer(string path) => TextLayerNumber().Match(path) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(unet|text_encoder):(\d{1,6}):(down|up)$")]
    private static partial Regex Key();

    [GeneratedRegex(@"^(unet|text_encoder):\d+:rank$")]
    private static partial Regex RankKey();

    [GeneratedRegex(@"\.layers\.(\d{1,6})\.")]
    private static partial Regex TextLayerNumber();
}
