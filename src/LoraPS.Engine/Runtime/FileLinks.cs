namespace LoraPS.Engine.Runtime;

/// <summary>Where links lead.</summary>
/// <remarks>A folder that somebody else packed may hold links to any file of the machine it is unpacked on.</remarks>
internal static class FileLinks
{
    private const int MostLinks = 40;

    /// <summary>True for a file that is in a folder by name only.</summary>
    /// <param name="path">The file.</param>
    /// <param name="folder">The folder.</param>
    public static bool LeadOutside(string path, string folder) =>
        !Real(path).StartsWith(Path.TrimEndingDirectorySeparator(Real(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>A path in which nothing is a link. What is not there is taken as it is written.</summary>
    public static string Real(string path) => Real(path, MostLinks);

    /// <summary>All files of a folder and of those in it; each folder once, so that links cannot lead in circles.</summary>
    /// <param name="folder">The folder.</param>
    public static IEnumerable<string> FilesBelow(string folder)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([folder]);
        var visible = new EnumerationOptions();
        while (open.TryPop(out var next))
        {
            if (!seen.Add(Real(next)))
                continue;
            foreach (var file in Directory.EnumerateFiles(next, "*", visible))
                yield return file;
            foreach (var child in Directory.EnumerateDirectories(next, "*", visible))
                open.Push(child);
        }
    }

    private static string Real(string path, int linksLeft)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        var parts = full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var next = Path.Combine(real, parts[i]);
            if (linksLeft > 0 && new FileInfo(next).LinkTarget is { } target)
                return Real(Path.Combine([Path.GetFullPath(target, real), .. parts[(i + 1)..]]), linksLeft - 1);
            real = next;
        }

        return real;
    }
}
