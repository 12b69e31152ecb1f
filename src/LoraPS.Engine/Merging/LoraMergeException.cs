using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>LoRA files cannot be merged the way that was asked for.</summary>
/// <param name="errorId">Stable id of the reason.</param>
/// <param name="message">Which files and modules, what does not fit, and what to do.</param>
/// <param name="target">The module or file at fault.</param>
public sealed class LoraMergeException(string errorId, string message, object? target = null)
    : EngineException(errorId, message, target);
