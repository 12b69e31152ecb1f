using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>A folder that should hold pictures does not exist.</summary>
/// <param name="path">The folder.</param>
public sealed class ImageFolderNotFoundException(string path)
    : EngineException("ImageFolderNotFound", $"There is no folder {path}: pictures were expected in it. Check the path.", path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;
}
