using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>A LoRA in another form.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="From">The form it was in.</param>
/// <param name="To">The form it is in.</param>
/// <param name="ModuleCount">Modules in it.</param>
/// <param name="FoldedModules">Modules whose alpha went into up; where alpha/rank is no power of two this rounds.</param>
public sealed record LoraConvertResult(string Path, LoraFormat From, LoraFormat To, int ModuleCount, int FoldedModules);
