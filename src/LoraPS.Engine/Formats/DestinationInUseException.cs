using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>Another run is making the same result; nothing was read or written.</summary>
/// <param name="path">The destination.</param>
public sealed class DestinationInUseException(string path)
    : EngineException("DestinationInUse", $"{path} is being written by another run. Wait for its end, or choose another destination.", path);
