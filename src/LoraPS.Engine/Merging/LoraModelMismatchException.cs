using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA was made for another kind of model than the one it should change.</summary>
/// <param name="loraPath">The LoRA.</param>
/// <param name="modelPath">The model.</param>
/// <param name="detail">What does not fit: what was expected and what was found.</param>
public sealed class LoraModelMismatchException(string loraPath, string modelPath, string detail)
    : EngineException("LoraModelMismatch", $"{loraPath} does not fit {modelPath}: {detail}", loraPath)
{
    /// <summary>The LoRA.</summary>
    public string LoraPath { get; } = loraPath;

    /// <summary>The model.</summary>
    public string ModelPath { get; } = modelPath;
}
