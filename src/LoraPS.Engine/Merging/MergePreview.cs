namespace LoraPS.Engine.Merging;

/// <summary>What a merge would make, as far as headers tell.</summary>
/// <param name="ModuleCount">Modules with an effect.</param>
/// <param name="Rank">Of a LoRA, the most a module may get; null for a model.</param>
/// <param name="Length">Of a model, bytes of its weights; null for a LoRA, whose ranks may turn out lower.</param>
public sealed record MergePreview(int ModuleCount, long? Rank, long? Length);
