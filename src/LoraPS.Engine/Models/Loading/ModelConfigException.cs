using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Loading;

/// <summary>A config.json of a model folder cannot be used.</summary>
/// <param name="path">The config.json.</param>
/// <param name="detail">Which field, what was expected and what was found.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class ModelConfigException(string path, string detail, Exception? innerException = null)
    : EngineException("ModelConfigInvalid", $"{path}: {detail}", path, innerException);
