using LoraPS.Engine.Formats;

namespace LoraPS.Reliability.Crash;

/// <summary>What is in an output folder.</summary>
internal static class OutputFiles
{
    /// <summary>The file that takes the room of a small disk; it is no result.</summary>
    public const string Filler = ".filler";

    private static readonly string[] Unfinished = [".tmp", ".old", ".lock"];

    /// <summary>All finished files by their path in the folder, and their SHA-256.</summary>
    public static Dictionary<string, string> Hashes(string folder) => All(folder)
        .Where(name => !IsLeft(name))
        .ToDictionary(name => name, name => ModelHashes.Sha256(Path.Combine(folder, name)));

    /// <summary>What is no result: unfinished files and folders, and locks.</summary>
    public static List<string> Leftovers(string folder) => [.. All(folder).Where(IsLeft)];

    /// <summary>True if a file is unfinished, or in a folder that is.</summary>
    public static bool IsLeft(string name) => name.Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.') && Unfinished.Contains(Path.GetExtension(part)));

    private static IEnumerable<string> All(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Where(path => (File.Exists(path) || IsLeft(path)) && Path.GetFileName(path) != Filler).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)
        : [];
}
