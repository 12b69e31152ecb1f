using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>A data set configuration cannot be used: everything wrong with it at once.</summary>
/// <remarks>The error id is DatasetOptionUnsupported where nothing else is wrong than options that are not supported yet, and DatasetConfigInvalid otherwise.</remarks>
/// <param name="path">The file.</param>
/// <param name="problems">What is wrong, in the order of the file; at least one.</param>
public sealed class DatasetConfigException(string path, IReadOnlyList<DatasetConfigProblem> problems) : EngineException(
    problems.All(problem => problem.IsUnsupported) ? "DatasetOptionUnsupported" : "DatasetConfigInvalid",
    $"The data set configuration {path} cannot be used:\n  {string.Join("\n  ", problems)}",
    path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong, in the order of the file.</summary>
    public IReadOnlyList<DatasetConfigProblem> Problems { get; } = problems;
}
