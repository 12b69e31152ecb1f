namespace LoraPS.Engine.Naming;

/// <summary>The names diffusers writes since it uses PEFT: <c>unet.&lt;path&gt;.lora_A.weight</c>.</summary>
/// <remarks>Follows diffusers src/diffusers/loaders/lora_base.py@58eb52c. An <c>.alpha</c> a module is read, as other trainers write it.</remarks>
internal sealed class PeftLoraNaming : ILoraNaming
{
    private static readonly (LoraTensorKind Kind, string Suffix)[] Suffixes =
        [(LoraTensorKind.Down, ".lora_A.weight"), (LoraTensorKind.Up, ".lora_B.weight"), (LoraTensorKind.Alpha, ".alpha")];

    public LoraFormat Format => LoraFormat.Peft;

    public LoraTensorName? Parse(string key)
    {
        foreach (var (kind, suffix) in Suffixes)
        {
            if (key.EndsWith(suffix, StringComparison.Ordinal) && DiffusersPrefixes.Split(key[..^suffix.Length]) is var (part, path))
                return new(part, path, kind);
        }

        return null;
    }

    public string? Write(LoraTensorName name) => DiffusersPrefixes.Of(name.Part) is { } prefix && name.Kind != LoraTensorKind.Alpha
        ? prefix + name.Path + Array.Find(Suffixes, entry => entry.Kind == name.Kind).Suffix
        : null;
}
