using LoraPS.Engine.Formats;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes the metadata keys of the files that are already named on the line.</summary>
public sealed class MetadataKeyCompleter : FileContentCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<string> NamesIn(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return [.. file.Metadata.Keys];
    }
}
