using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>A file breaks a rule of the safetensors format. The error id is "InvalidSafetensors" and the name of the problem.</summary>
/// <param name="problem">Which rule.</param>
/// <param name="path">The file.</param>
/// <param name="tensor">The tensor it is about, or null for the header as a whole.</param>
/// <param name="detail">What was expected and what was found.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class SafetensorsFormatException(
    SafetensorsProblem problem, string path, string? tensor, string detail, Exception? innerException = null)
    : EngineException($"InvalidSafetensors{problem}", Describe(path, tensor, detail), path, innerException)
{
    /// <summary>Which rule is broken.</summary>
    public SafetensorsProblem Problem { get; } = problem;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The tensor it is about, or null for the header as a whole.</summary>
    public string? Tensor { get; } = tensor;

    private static string Describe(string path, string? tensor, string detail) =>
        tensor is null ? $"{path}: {detail}" : $"{path}: tensor '{tensor}': {detail}";
}
