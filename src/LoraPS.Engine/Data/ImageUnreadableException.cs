using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>A picture could not be decoded.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">What the decoder found, as the end of a sentence.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class ImageUnreadableException(string path, string reason, Exception? innerException = null)
    : EngineException("ImageUnreadable", $"The picture {path} cannot be read: {reason}. Mend or remove the file.", path, innerException)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What the decoder found.</summary>
    public string Reason { get; } = reason;
}
