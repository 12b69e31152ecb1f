namespace LoraPS.Engine.Lora;

/// <summary>What became of a LoRA file's metadata.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Added">Keys it did not have.</param>
/// <param name="Changed">Keys that have another value.</param>
/// <param name="Removed">Keys it no longer has.</param>
/// <param name="Metadata">All of it, in the order of the file.</param>
public sealed record LoraMetadataEditResult(
    string Path, IReadOnlyList<string> Added, IReadOnlyList<string> Changed, IReadOnlyList<string> Removed, IReadOnlyDictionary<string, string> Metadata);
