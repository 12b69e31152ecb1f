namespace LoraPS.Engine.Naming;

/// <summary>Names that diffusers itself has changed over time.</summary>
public static class DiffusersNames
{
    private static readonly (string Old, string New)[] AttentionProjections =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>Gives a VAE tensor's name its present form; the published VAE of Stable Diffusion 1.5 has the old ones.</summary>
    /// <param name="vaeKey">Name in the VAE's file of a diffusers folder, old or new.</param>
    public static string Modernise(string vaeKey)
    {
        ArgumentNullException.ThrowIfNull(vaeKey);
        return AttentionProjections.Aggregate(vaeKey, (key, change) => key.Replace(change.Old, change.New, StringComparison.Ordinal));
    }

    /// <summary>True for tensors that folders carry and no network has: position ids.</summary>
    public static bool IsExtra(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.EndsWith(".position_ids", StringComparison.Ordinal);
    }
}
