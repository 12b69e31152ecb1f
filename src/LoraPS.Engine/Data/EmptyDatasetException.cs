using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>There is no picture to train on.</summary>
/// <param name="path">The folder or configuration file.</param>
/// <param name="skippedCount">Pictures that were found there and left out.</param>
public sealed class EmptyDatasetException(string path, int skippedCount) : EngineException(
    "DatasetEmpty",
    skippedCount == 0
        ? $"{path} gives no picture to train on: files ending in {string.Join(", ", ImageFile.Extensions)} were looked for, directly in its folders, and none was found."
        : $"{path} gives no picture to train on: {skippedCount} were found, and none of them can be used.",
    path)
{
    /// <summary>The folder or configuration file.</summary>
    public string Path { get; } = path;

    /// <summary>Pictures that were found there and left out.</summary>
    public int SkippedCount { get; } = skippedCount;
}
