using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>A configuration file does not exist.</summary>
/// <param name="path">Its full path.</param>
public sealed class ConfigFileNotFoundException(string path)
    : EngineException("ConfigFileNotFound", $"There is no configuration file {path}. Check the path.", path);
