using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>There is no picture to train on.</summary>
/// <param name="path">The folder or configuration file.</param>
/// <param name="message">What was looked for and what was found.</param>
public sealed class EmptyDatasetException(string path, string message) : EngineException("DatasetEmpty", message, path)
{
    /// <summary>The folder or configuration file.</summary>
    public string Path { get; } = path;
}
