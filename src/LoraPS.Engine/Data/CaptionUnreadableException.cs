using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>A caption file is not UTF-8 text, or cannot or must not be read.</summary>
/// <param name="path">The file.</param>
/// <param name="finding">What is wrong and what to do, as the end of one sentence and others.</param>
/// <param name="offset">Where the first wrong byte is; 0 where it is about the whole file.</param>
/// <param name="innerException">The cause, where another exception was.</param>
public sealed class CaptionUnreadableException(string path, string finding, long offset = 0, Exception? innerException = null)
    : EngineException(
        "CaptionUnreadable",
        $"The caption file {path} {finding}",
        path,
        innerException)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Where the first wrong byte is, bytes from the start.</summary>
    public long Offset { get; } = offset;
}
