namespace LoraPS.Engine.Models.Loading;

/// <summary>Recognises files that are no Stable Diffusion 1 checkpoint by the names of their tensors.</summary>
internal static class CheckpointKind
{
    private static readonly (string Part, string Kind)[] Parts =
    [
        (".lora_down.", "a LoRA file"),
        (".lora_up.", "a LoRA file"),
        (".lora_A.", "a LoRA file"),
        (".hada_w1_", "a LoRA file (LoHa)"),
        (".lokr_w1", "a LoRA file (LoKr)"),
        ("conditioner.embedders.1.", "a Stable Diffusion XL checkpoint"),
        ("conditioner.embedders.0.model.", "a Stable Diffusion XL refiner checkpoint"),
        ("cond_stage_model.model.", "a Stable Diffusion 2 checkpoint"),
        ("joint_blocks.", "a Stable Diffusion 3 checkpoint"),
        ("double_blocks.", "a Flux checkpoint"),
        ("control_model.", "a ControlNet checkpoint"),
    ];

    private const string UNetPrefix = "model.diffusion_model.";

    /// <summary>What a file with these keys is, as a noun phrase; null for a Stable Diffusion 1 checkpoint.</summary>
    public static string? Other(IReadOnlyCollection<string> keys)
    {
        foreach (var (part, kind) in Parts)
        {
            if (keys.Any(key => key.Contains(part, StringComparison.Ordinal)))
                return kind;
        }

        return keys.Any(key => key.StartsWith(UNetPrefix, StringComparison.Ordinal))
            ? null
            : $"a file of {keys.Count} tensors without a U-Net (no key begins with {UNetPrefix})";
    }
}
