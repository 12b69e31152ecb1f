using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Loading;

/// <summary>There is no model at a path, or a part of it is missing.</summary>
/// <param name="path">The path the user named.</param>
/// <param name="detail">What was looked for and what to do.</param>
public sealed class ModelNotFoundException(string path, string detail)
    : EngineException("ModelNotFound", $"{path}: {detail}", path);
