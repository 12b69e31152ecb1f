using System.IO.Compression;
using System.Text.RegularExpressions;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>The libraries in a set of packages, those put together that were split.</summary>
/// <remarks>
/// A split library has its beginning in <c>runtimes/RID/native/NAME</c> of one package, SHA-256 of the whole in
/// <c>NAME.sha</c> beside it, and the rest in <c>fragments/RID/native/NAME.fragmentN</c> of others, N from 1. Follows
/// TorchSharp's pkg/FileRestitcher at c20b6a1c.
/// </remarks>
internal sealed partial class PackageFiles : IDisposable
{
    private const string HashExtension = ".sha";
    private readonly List<ZipArchive> _archives = [];
    private readonly SortedDictionary<string, LibraryFile> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _rid;

    /// <summary>Opens packages.</summary>
    /// <param name="packages">Full paths of the .nupkg files.</param>
    /// <param name="rid">The platform whose libraries are wanted.</param>
    /// <exception cref="RuntimeInstallException">One is no package, leads out of its folder, or holds what another holds.</exception>
    public PackageFiles(IEnumerable<string> packages, string rid)
    {
        _rid = rid;
        try
        {
            foreach (var package in packages)
                Add(package);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The libraries, by name.</summary>
    public IReadOnlyCollection<LibraryFile> Files => _files.Values;

    /// <inheritdoc/>
    public void Dispose() => _archives.ForEach(archive => archive.Dispose());

    private void Add(string package)
    {
        try
        {
            var archive = ZipFile.OpenRead(package);
            _archives.Add(archive);
            foreach (var entry in archive.Entries)
                Add(package, entry);
        }
        catch (InvalidDataException e)
        {
            throw Corrupt(package, $"it is no package: {e.Message}");
        }
    }

    private void Add(string package, ZipArchiveEntry entry)
    {
        if (Escape().IsMatch(entry.FullName))
            throw Corrupt(package, $"its file '{entry.FullName}' leads out of the folder it is unpacked to.");
        var place = Place().Match(entry.FullName);
        if (!place.Success || place.Groups["rid"].Value != _rid || !RuntimePackages.IsWanted(place.Groups["name"].Value))
            return;
        var (kind, name) = (place.Groups["kind"].Value, place.Groups["name"].Value);
        var added = kind == "fragments"
            ? Fragment().Match(name) is { Success: true } split && FileOf(split.Groups["name"].Value).AddPiece(int.Parse(split.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture), entry)
            : name.EndsWith(HashExtension, StringComparison.OrdinalIgnoreCase)
                ? FileOf(name[..^HashExtension.Length]).SetHash(ReadHash(entry))
                : FileOf(name).AddPiece(0, entry);
        if (!added)
            throw Corrupt(package, $"its file '{entry.FullName}' has no place, or is there twice.");
    }

    private LibraryFile FileOf(string name) => _files.TryGetValue(name, out var file) ? file : _files[name] = new LibraryFile(name);

    private static string ReadHash(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        var text = new char[256];
        return new string(text, 0, reader.ReadBlock(text)).Trim();
    }

    private static RuntimeInstallException Corrupt(string package, string reason) =>
        new("RuntimePackageCorrupt", $"{package} cannot be unpacked: {reason} Delete it and run the command again, or name another feed with -Source.", package);

    // Up one folder, from the root, by a drive, or with another system's separator.
    [GeneratedRegex(@"(^|[/\\])\.\.([/\\]|$)|^[/\\]|[\\:\0]")]
    private static partial Regex Escape();

    [GeneratedRegex(@"^(?<kind>runtimes|fragments)/(?<rid>[^/]+)/native/(?<name>[^/]+)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(?<name>.+)\.fragment(?<number>[1-9][0-9]?)$")]
    private static partial Regex Fragment();
}
