using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats.Torch;

/// <summary>A .ckpt, .pt or .bin file cannot be read, or must not be. The error id is "InvalidTorchFile" and the name of the problem.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="path">The file.</param>
/// <param name="detail">What was expected and what was found.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class TorchFileException(TorchFileProblem problem, string path, string detail, Exception? innerException = null)
    : EngineException($"InvalidTorchFile{problem}", $"{path}: {detail}", path, innerException)
{
    /// <summary>What is wrong.</summary>
    public TorchFileProblem Problem { get; } = problem;

    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
