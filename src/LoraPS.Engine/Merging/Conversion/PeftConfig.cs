using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>The <c>adapter_config.json</c> of the PEFT library: ranks and alphas of an adapter's modules.</summary>
/// <remarks>
/// Follows peft LoraConfig, src/peft/tuners/lora/config.py@5d602fdb, and its defaults. What is more than up·down on a given
/// weight is refused: other kinds of adapters, DoRA, and what was trained beside a changed model, as PiSSA is.
/// </remarks>
internal sealed class PeftConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "adapter_config.json";

    private const string Kind = "LORA";
    private const double DefaultRank = 8;
    private const double DefaultAlpha = 8;

    // With any value but null and false each of these means another change than up·down.
    private static readonly string[] OtherChanges =
        ["use_dora", "use_qalora", "use_bdlora", "layer_replication", "arrow_config", "kasa_config", "monteclora_config", "velora_config", "alora_invocation_tokens", "target_parameters", "lora_bias"];

    private static readonly string[] ChangedModels = ["pissa", "corda", "olora", "loftq", "lora_ga"];

    private readonly string _path;
    private readonly PeftAlphas _alphas;
    private readonly PeftPattern _ranks;
    private readonly double _rank;

    private PeftConfig(string path, JsonObject root)
    {
        _path = path;
        (_alphas, _ranks) = (new(name => root[name], path, DefaultAlpha), new(root["rank_pattern"] as JsonObject, path));
        _rank = PeftJson.Number(root["r"]) ?? DefaultRank;
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="MissingFileException">There is none (error id PeftConfigMissing).</exception>
    /// <exception cref="UnreadableFileException">It cannot be read.</exception>
    /// <exception cref="PeftConfigException">It is no configuration (PeftConfigInvalid), or that of something else than a plain LoRA (PeftConfigUnsupported).</exception>
    public static PeftConfig Read(string path)
    {
        if (!File.Exists(path))
            throw new MissingFileException(path, "PeftConfigMissing");
        try
        {
            var root = MetadataJson.Object(BoundedFile.ReadConfig(path)) ?? throw PeftConfigException.Invalid(path, "is no JSON object");
            CheckKind(path, root);
            CheckNumbers(path, root);
            return new(path, root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(path, e);
        }
    }

    /// <summary>The alpha of a module, to be divided by its rank.</summary>
    /// <param name="path">Its path in the network.</param>
    /// <param name="rank">Its rank as its factors have it.</param>
    /// <exception cref="PeftConfigException">The configuration says another rank, or its patterns take too long to look at (PeftConfigInvalid).</exception>
    public double AlphaOf(string path, long rank)
    {
        var expected = _ranks.Find(path) ?? _rank;
        return expected == rank
            ? _alphas.Of(path, rank)
            : throw PeftConfigException.Invalid(_path, $"gives {path} the rank {expected}, and its weights have the rank {rank}");
    }

    /// <summary>The file's text for the modules of one network.</summary>
    /// <remarks>The fields that readers need, and the library's defaults where it has any; no model is named.</remarks>
    public static string Write(IReadOnlyCollection<ConvertedModule> modules)
    {
        var root = new JsonObject
        {
            ["base_model_name_or_path"] = null, ["bias"] = "none", ["fan_in_fan_out"] = false, ["inference_mode"] = true, ["init_lora_weights"] = true, ["lora_dropout"] = 0.0,
            ["modules_to_save"] = null, ["peft_type"] = Kind, ["task_type"] = null, ["use_dora"] = false, ["use_rslora"] = false,
        };
        foreach (var (name, value) in StrengthsOf(modules))
            root[name] = value;
        var sorted = new JsonObject(root.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
        return sorted.ToJsonString(new() { WriteIndented = true, NewLine = "\n" });
    }

    /// <summary>The fields with ranks, alphas and names of the modules of one network.</summary>
    public static IEnumerable<(string Name, JsonNode Value)> StrengthsOf(IReadOnlyCollection<ConvertedModule> modules)
    {
        var (rank, alpha) = (MostCommon(modules.Select(module => module.Rank)), MostCommon(modules.Select(module => module.Alpha)));
        return
        [
            ("r", rank), ("lora_alpha", PeftJson.Value(alpha)),
            ("rank_pattern", Pattern(modules.Where(module => module.Rank != rank), module => module.Rank)),
            ("alpha_pattern", Pattern(modules.Where(module => module.Alpha != alpha), module => PeftJson.Value(module.Alpha))),
            ("target_modules", new JsonArray([.. modules.Select(module => (JsonNode)module.Path)])),
        ];
    }

    private static void CheckKind(string path, JsonObject root)
    {
        var kind = root["peft_type"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw PeftConfigException.Invalid(path, "has no peft_type");
        if (kind != Kind)
            throw PeftConfigException.Unsupported(path, $"is of an adapter of the type {kind}");
        if (Array.Find(OtherChanges, name => root[name] is { } field && !IsOff(field)) is { } other)
            throw PeftConfigException.Unsupported(path, $"has {other} = {root[other]!.ToJsonString()}, which changes weights by more than up·down");
        if (root["init_lora_weights"] is JsonValue start && start.TryGetValue<string>(out var way) && Array.Exists(ChangedModels, name => way.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
            throw PeftConfigException.Unsupported(path, $"has init_lora_weights = {way}: its weights belong to a model that was changed before training. Let PEFT save it with path_initial_model_for_weight_conversion");
    }

    private static bool IsOff(JsonNode field) => field switch
    {
        JsonValue value => value.TryGetValue<bool>(out var flag) && !flag,
        JsonArray array => array.Count == 0,
        _ => false,
    };

    private static void CheckNumbers(string path, JsonObject root)
    {
        bool IsNumberOrNone(JsonNode? node) => node is null || PeftJson.Number(node) is not null;
        bool IsPatternOrNone(JsonNode? node) => node is null || (node is JsonObject entries && entries.All(entry => PeftJson.Number(entry.Value) is not null));
        var wrong = Array.Find(["r", "lora_alpha"], name => !IsNumberOrNone(root[name])) ?? Array.Find(["rank_pattern", "alpha_pattern"], name => !IsPatternOrNone(root[name]));
        if (wrong is not null)
            throw PeftConfigException.Invalid(path, $"has {wrong} = {root[wrong]!.ToJsonString()}, where numbers belong");
    }

    private static JsonObject Pattern(IEnumerable<ConvertedModule> modules, Func<ConvertedModule, JsonNode> value) =>
        new(modules.Select(module => KeyValuePair.Create<string, JsonNode?>(module.Path, value(module))));

    private static T MostCommon<T>(IEnumerable<T> values) => values.GroupBy(value => value).MaxBy(group => group.Count())!.Key;
}
