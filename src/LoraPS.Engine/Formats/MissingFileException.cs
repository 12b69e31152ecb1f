using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>A file or folder that should be read does not exist.</summary>
/// <param name="path">The path.</param>
/// <param name="errorId">"FileNotFound", or a narrower id where the caller knows what the file should have been.</param>
public sealed class MissingFileException(string path, string errorId = "FileNotFound")
    : EngineException(errorId, $"{path} does not exist. Check the path; it is relative to {Environment.CurrentDirectory} unless it is full.", path);
