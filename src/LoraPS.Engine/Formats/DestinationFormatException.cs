using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>The destination is named as a pickle of torch.save is: programs would read what is written there as one, and fail.</summary>
/// <param name="path">The destination.</param>
public sealed class DestinationFormatException(string path)
    : EngineException("DestinationFormat", $"{path} is named as a pickle, and pickles are read but never written. Name the destination .safetensors.", path);
