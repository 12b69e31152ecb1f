namespace LoraPS.Engine.Models.Loading;

/// <summary>Tensors that real checkpoints carry though no network needs them: left out when loading, kept by a merge.</summary>
internal static class CheckpointExtras
{
    // The noise schedule, averaged weights (model_ema.*) and the state of the training stand beside these.
    private static readonly string[] NetworkPrefixes = ["model.diffusion_model.", "first_stage_model.", "cond_stage_model."];

    /// <summary>Whether a key of a single file stands beside the networks, or is a buffer of one.</summary>
    public static bool IsKnown(string key) =>
        IsBuffer(key) || !Array.Exists(NetworkPrefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether a key is a constant that old versions of the text encoder saved.</summary>
    public static bool IsBuffer(string key) => key.EndsWith("embeddings.position_ids", StringComparison.Ordinal);
}
