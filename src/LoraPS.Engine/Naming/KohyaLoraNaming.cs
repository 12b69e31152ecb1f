namespace LoraPS.Engine.Naming;

/// <summary>The names of sd-scripts; names of all models are read.</summary>
/// <param name="isXl">Whether names of Stable Diffusion XL are written, else those of 1 and 2.</param>
internal sealed class KohyaLoraNaming(bool isXl) : ILoraNaming
{
    private static readonly (LoraTensorKind Kind, string Suffix)[] Suffixes =
        [(LoraTensorKind.Down, KohyaNames.DownSuffix), (LoraTensorKind.Up, KohyaNames.UpSuffix), (LoraTensorKind.Alpha, KohyaNames.AlphaSuffix)];

    public LoraFormat Format => LoraFormat.Kohya;

    /// <summary>Whether it writes names of Stable Diffusion XL.</summary>
    public bool IsXl => isXl;

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
        return KohyaNames.ForModule(name.Part, name.Path, isXl) is { } module ? module + suffix : null;
    }
}
