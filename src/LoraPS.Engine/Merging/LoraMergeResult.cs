using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA made of others.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Method">The merge method.</param>
/// <param name="Sources">What it was made of.</param>
/// <param name="Modules">One entry a module, those of the first source first.</param>
/// <param name="DType">Type of the saved factors.</param>
/// <param name="Hashes">What the file says of its contents.</param>
public sealed record LoraMergeResult(
    string Path, string Method, IReadOnlyList<MergedSource> Sources, IReadOnlyList<ModuleReport> Modules, SafetensorsDType DType, LoraHashes Hashes)
    : LoraResult(Path, Modules, DType, Hashes);
