using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>A LoRA that a model is to be changed by, or a training to be begun with, holds NaN or infinite numbers.</summary>
/// <param name="path">The file.</param>
/// <param name="name">The module or tensor.</param>
public sealed class LoraNotFiniteException(string path, string name)
    : EngineException("LoraNotFinite", $"{path}: {name} holds NaN or infinite numbers. Nothing can be computed from it; take an earlier save of this LoRA.", path);
