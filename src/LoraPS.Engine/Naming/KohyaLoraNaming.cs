namespace LoraPS.Engine.Naming;

/// <summary>The names of sd-scripts, for Stable Diffusion 1 and 2.</summary>
internal sealed class KohyaLoraNaming : ILoraNaming
{
    private static readonly (LoraTensorKind Kind, string Suffix)[] Suffixes =
        [(LoraTensorKind.Down, KohyaNames.DownSuffix), (LoraTensorKind.Up, KohyaNames.UpSuffix), (LoraTensorKind.Alpha, KohyaNames.AlphaSuffix)];

    public LoraFormat Format => LoraFormat.Kohya;

    public LoraTensorName? Parse(string key)
    {
        foreach (var (kind, suffix) in Suffixes)
        {
            if (key.EndsWith(suffix, StringComparison.Ordinal) && KohyaPaths.Find(key[..^suffix.Length]) is var (part, path))
                return new(part, path, kind);
        }

        return null;
    }

    public string? Write(LoraTensorName name)
    {
        var suffix = Array.Find(Suffixes, entry => entry.Kind == name.Kind).Suffix;
        return name.Part switch
        {
            ModelPart.UNet => KohyaNames.ForUNet(name.Path) + suffix,
            ModelPart.TextEncoder => KohyaNames.ForTextEncoder(name.Path) + suffix,
            _ => null,
        };
    }
}
