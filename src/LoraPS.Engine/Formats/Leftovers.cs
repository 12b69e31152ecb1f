namespace LoraPS.Engine.Formats;

/// <summary>What killed processes left half written.</summary>
internal static class Leftovers
{
    /// <summary>Clears away what is left of one destination, which the caller keeps for itself, and puts an older folder back that was moved aside.</summary>
    /// <param name="path">The destination, as a full path.</param>
    public static void Clear(string path)
    {
        AtomicFile.DeleteLeftovers(path);
        foreach (var left in Folders(path, AtomicFile.TemporaryExtension))
            Directory.Delete(left, recursive: true);
        foreach (var aside in Folders(path, AtomicFolder.AsideExtension))
        {
            if (Path.Exists(path))
                Directory.Delete(aside, recursive: true);
            else
                Directory.Move(aside, path);
        }
    }

    private static string[] Folders(string path, string extension)
    {
        var prefix = AtomicFile.TemporaryPrefix(path);
        var length = Path.GetFileName(AtomicFile.TemporarySibling(path, extension)).Length;
        return [.. Directory.EnumerateDirectories(Path.GetDirectoryName(path)!, $".*{extension}")
            .Where(left => Path.GetFileName(left) is var name && name.Length == length && name.StartsWith(prefix + '.', StringComparison.Ordinal))];
    }
}
