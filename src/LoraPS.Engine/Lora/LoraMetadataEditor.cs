using System.IO.Enumeration;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Lora;

/// <summary>Rewrites what a LoRA file says of itself. Its tensors are copied byte for byte; libtorch is not needed.</summary>
/// <remarks>
/// Hashes that the file carries of itself stay true: the legacy one depends on how long the training metadata is, so it is
/// computed anew. They cannot be set by hand. Works on any safetensors file.
/// </remarks>
public static class LoraMetadataEditor
{
    private static readonly string[] Hashes = [LoraMetadata.ModelHashKey, LoraMetadata.LegacyHashKey];

    /// <summary>Edits.</summary>
    /// <param name="path">The file to read.</param>
    /// <param name="destinationPath">The file to write, whole or not at all; the same one, if it may be replaced.</param>
    /// <param name="edit">What to change.</param>
    /// <param name="cancellationToken">Asked before each block of bytes.</param>
    /// <exception cref="ArgumentException">A hash is set by hand, or a key or value is not valid Unicode or too long.</exception>
    /// <exception cref="MissingFileException">There is no such file (error id LoraFileNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">The file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraMetadataEditResult Edit(string path, string destinationPath, LoraMetadataEdit edit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        using var claim = Destination.Claim(destinationPath, edit.Overwrite);
        if (edit.Set.Keys.FirstOrDefault(Hashes.Contains) is { } hash)
            throw new ArgumentException($"{hash} is computed from the file and cannot be set.", nameof(edit));
        // Pickled files have no metadata, and no place for it.
        using var file = Path.Exists(path) ? SafetensorsFile.Open(path) : throw new MissingFileException(path, "LoraFileNotFound");
        var metadata = Apply(file.Metadata, edit);
        var hashes = Hashes.Any(metadata.ContainsKey) ? ModelHashes.OfLora(file, metadata) : null;
        foreach (var key in Hashes.Where(metadata.ContainsKey))
            metadata[key] = key == LoraMetadata.ModelHashKey ? hashes!.Model : hashes!.Legacy;
        Write(file, metadata, destinationPath, cancellationToken);
        return Describe(destinationPath, file.Metadata, metadata);
    }

    private static OrderedDictionary<string, string> Apply(IReadOnlyDictionary<string, string> before, LoraMetadataEdit edit)
    {
        var metadata = new OrderedDictionary<string, string>(
            before.Where(entry => !edit.Remove.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, entry.Key, ignoreCase: false))), StringComparer.Ordinal);
        foreach (var (key, value) in edit.Set)
            metadata[key] = value;
        return metadata;
    }

    private static void Write(SafetensorsFile file, OrderedDictionary<string, string> metadata, string path, CancellationToken cancellationToken)
    {
        var header = SafetensorsHeaderBuilder.Build(file.Specs, metadata.Count == 0 ? null : metadata);
        using var output = new AtomicFile(path);
        output.Write(header);
        file.CopyTensors(output.Write, cancellationToken);
        output.Commit();
    }

    private static LoraMetadataEditResult Describe(string path, IReadOnlyDictionary<string, string> before, OrderedDictionary<string, string> after) => new(
        Path.GetFullPath(path),
        after.Keys.Where(key => !before.ContainsKey(key)).ToArray(),
        after.Where(entry => before.TryGetValue(entry.Key, out var old) && old != entry.Value).Select(entry => entry.Key).ToArray(),
        before.Keys.Where(key => !after.ContainsKey(key)).ToArray(),
        after);
}
