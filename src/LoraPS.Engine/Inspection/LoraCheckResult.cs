namespace LoraPS.Engine.Inspection;

/// <summary>Whether a LoRA file is sound.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="ModuleCount">Whole modules in it.</param>
/// <param name="ModelPath">The model it was held against, or null.</param>
/// <param name="MatchedModules">Modules that fit a weight of the model; 0 without a model.</param>
/// <param name="ModelModules">Weights of the model that a LoRA of this kind could change; 0 without a model.</param>
/// <param name="Problems">Everything that was found, errors first.</param>
public sealed record LoraCheckResult(
    string Path, int ModuleCount, string? ModelPath, int MatchedModules, int ModelModules, IReadOnlyList<LoraProblem> Problems)
{
    /// <summary>True when there is no error among the problems.</summary>
    public bool IsSound => !Problems.Any(problem => problem.IsError);
}
