namespace LoraPS.Engine.Naming;

/// <summary>What diffusers puts before the path of a module to name its network.</summary>
internal static class DiffusersPrefixes
{
    private static readonly (ModelPart Part, string Prefix)[] All =
        [(ModelPart.UNet, "unet."), (ModelPart.TextEncoder, "text_encoder."), (ModelPart.TextEncoder2, "text_encoder_2.")];

    /// <summary>The folders of the networks, as pipelines and training scripts name them.</summary>
    public static IEnumerable<(ModelPart Part, string Folder)> Folders => All.Select(entry => (entry.Part, entry.Prefix.TrimEnd('.')));

    /// <summary>Splits a name.</summary>
    public static (ModelPart Part, string Path)? Split(string name)
    {
        foreach (var (part, prefix) in All)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return (part, name[prefix.Length..]);
        }

        return null;
    }

    /// <summary>The prefix of a network; null for one that has no LoRA.</summary>
    public static string? Of(ModelPart part) => Array.Find(All, entry => entry.Part == part).Prefix;
}
