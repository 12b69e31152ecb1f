namespace LoraPS.Engine.Models.Vae;

/// <summary>Names that early diffusers files have for the VAE's attention.</summary>
internal static class LegacyVaeNames
{
    private static readonly (string Old, string Current)[] Renamed =
        [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

    /// <summary>The name in use now; other names stay as they are.</summary>
    public static string ToCurrent(string name)
    {
        foreach (var (old, current) in Renamed)
            name = name.Replace(old, current, StringComparison.Ordinal);
        return name;
    }
}
