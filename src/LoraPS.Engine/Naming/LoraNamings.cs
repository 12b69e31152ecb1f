namespace LoraPS.Engine.Naming;

/// <summary>All forms of naming. A new one is a file beside this and a line here.</summary>
public static class LoraNamings
{
    /// <summary>The forms whose names stand for themselves; those of cloneofsimo need the whole file.</summary>
    private static readonly ILoraNaming[] All =
        [new KohyaLoraNaming(isXl: false), new KohyaLoraNaming(isXl: true), new PeftLoraNaming(), new PeftLibraryNaming(), new DiffusersLoraNaming(LoraFormat.Diffusers), new DiffusersLoraNaming(LoraFormat.DiffusersProcessor)];

    /// <summary>The form a file is in: the one that writes most of its keys as they are.</summary>
    /// <param name="keys">The file's keys.</param>
    /// <param name="metadata">The file's metadata.</param>
    /// <returns>Null when no key is of a known form. That of sd-scripts is told by its factors, whatever modules they are of.</returns>
    public static ILoraNaming? Detect(IReadOnlyCollection<string> keys, IReadOnlyDictionary<string, string> metadata)
    {
        ILoraNaming[] candidates = [.. All, .. CloneofsimoLoraNaming.OfFile(keys, metadata) is { } numbered ? new ILoraNaming[] { numbered } : []];
        var best = candidates.MaxBy(naming => keys.Count(key => naming.Parse(key) is { } name && naming.Write(name) == key))!;
        if (keys.Any(key => best.Parse(key) is not null))
            return best;
        return candidates.FirstOrDefault(naming => keys.Any(key => naming.Parse(key) is not null))
            ?? (keys.Any(key => key.EndsWith(KohyaNames.DownSuffix, StringComparison.Ordinal)) ? All[0] : null);
    }

    /// <summary>A form to write a LoRA of these modules in.</summary>
    /// <param name="format">Which.</param>
    /// <param name="modules">The LoRA's modules.</param>
    /// <param name="isXl">Whether it is for Stable Diffusion XL.</param>
    public static ILoraNaming For(LoraFormat format, IReadOnlyCollection<(ModelPart Part, string Path)> modules, bool isXl = false) =>
        Array.Find(All, naming => naming.Format == format && ((naming as KohyaLoraNaming)?.IsXl ?? isXl) == isXl) ?? CloneofsimoLoraNaming.OfModules(modules);
}
