using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>A safetensors file is not a LoRA, or one of a kind that is not understood.</summary>
/// <param name="path">The file.</param>
/// <param name="keys">Keys of the file that tell what it is.</param>
/// <param name="details">What is wrong with each, or null to let the keys speak for themselves.</param>
public sealed class UnrecognisedLoraException(string path, IReadOnlyList<string> keys, IReadOnlyList<string>? details = null)
    : EngineException("UnrecognisedLoraFormat", Describe(path, keys, details ?? keys), path)
{
    private const int Shown = 3;

    private static readonly (string Mark, string Kind)[] Kinds =
    [
        ("model.diffusion_model.", "a whole checkpoint"),
        ("first_stage_model.", "a whole checkpoint"),
        (".dora_scale", "a DoRA file"),
        (".lora_mid.", "a LoCon file with Tucker factors"),
        (".hada_", "a LyCORIS LoHa file"),
        (".lokr_", "a LyCORIS LoKr file"),
        (".oft_blocks", "an OFT file"),
        (".on_input", "a LyCORIS (IA)^3 file"),
        (".a1.weight", "a LyCORIS GLoRA file"),
        (".diff", "a LyCORIS file of full differences"),
        (".w_norm", "a LyCORIS file with norm layers"),
        ("bundle_emb.", "a bundle with embeddings"),
        ("lllite_", "a ControlNet-LLLite file"),
        (".lora_A.", "a LoRA in PEFT naming"),
        ("_lora.down.weight", "a LoRA in old diffusers naming"),
        (":down", "a LoRA in cloneofsimo naming"),
        (".lora_down.weight", "a LoRA with factors that do not belong together"),
        (".lora_up.weight", "a LoRA with up factors that have no down"),
        (".alpha", "a LoRA with alphas that belong to no module"),
    ];

    /// <summary>Marks of the kinds that can be converted.</summary>
    private static readonly string[] Convertible = [".lora_A.", "_lora.down.weight", ":down"];

    /// <summary>Keys of the file that tell what it is.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;

    private static string Describe(string path, IReadOnlyList<string> keys, IReadOnlyList<string> details)
    {
        var found = Kinds.FirstOrDefault(kind => keys.Any(key => key.Contains(kind.Mark, StringComparison.Ordinal)));
        var sample = keys.Count == 0 ? "no tensors" : $"{keys.Count} such keys: {string.Join(", ", details.Take(Shown))}{(keys.Count > Shown ? " …" : "")}";
        var advice = Convertible.Contains(found.Mark) ? " Convert it to the form of sd-scripts (Kohya) first." : "";
        return $"{path} is {found.Kind ?? "not a LoRA that is understood"} ({sample}). Expected pairs of <module>.lora_down.weight and <module>.lora_up.weight, with or without <module>.alpha, and nothing else.{advice}";
    }
}
