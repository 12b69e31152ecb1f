using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>The destination exists and nobody said that it may be replaced.</summary>
/// <param name="path">The destination.</param>
public sealed class DestinationExistsException(string path)
    : EngineException("DestinationExists", $"{path} exists already. Choose another destination, or ask for it to be replaced.", path);
