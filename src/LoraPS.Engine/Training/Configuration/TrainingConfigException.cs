using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.Configuration;

/// <summary>A training configuration cannot be used: everything wrong with it at once.</summary>
/// <remarks>The error id is TrainingOptionUnsupported where nothing else is wrong than options that are not supported, and TrainingConfigInvalid otherwise.</remarks>
/// <param name="path">The file.</param>
/// <param name="problems">What is wrong, in the order of the file; at least one.</param>
public sealed class TrainingConfigException(string path, IReadOnlyList<DatasetConfigProblem> problems) : EngineException(
    problems.All(problem => problem.IsUnsupported) ? "TrainingOptionUnsupported" : "TrainingConfigInvalid",
    $"The training configuration {path} cannot be used:\n  {string.Join("\n  ", problems)}",
    path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong, in the order of the file.</summary>
    public IReadOnlyList<DatasetConfigProblem> Problems { get; } = problems;
}
