using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>A file is there but cannot be opened or read: no permission, a folder, a failing disk.</summary>
/// <param name="path">The path.</param>
/// <param name="innerException">What the system said.</param>
public sealed class UnreadableFileException(string path, Exception innerException)
    : EngineException("FileUnreadable", $"{path} cannot be read: {(Directory.Exists(path) ? "it is a folder. Name the file in it." : innerException.Message)}", path, innerException);
