using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>A caption file is not UTF-8 text.</summary>
/// <param name="path">The file.</param>
/// <param name="offset">Where the first wrong byte is.</param>
/// <param name="innerException">The decoder's finding.</param>
public sealed class CaptionUnreadableException(string path, long offset, Exception innerException)
    : EngineException(
        "CaptionUnreadable",
        $"The caption file {path} is not UTF-8 text: byte {offset} does not belong there. Save the file as UTF-8.",
        path,
        innerException)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Where the first wrong byte is, bytes from the start.</summary>
    public long Offset { get; } = offset;
}
