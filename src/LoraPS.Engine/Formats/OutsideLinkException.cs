using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>A file that would be copied along with a model is a link to something outside of the model's folder.</summary>
/// <param name="path">The link.</param>
/// <param name="folder">The folder.</param>
public sealed class OutsideLinkException(string path, string folder)
    : EngineException("LinkOutside", $"{path} is a link that leads out of {folder}, and what it leads to would be copied with the model. Remove the link, or put the file in its place.", path);
