using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training.History;

/// <summary>A file that should be the log of a run is none.</summary>
/// <param name="path">The file.</param>
public sealed class RunHistoryException(string path)
    : EngineException("RunLogUnrecognised", $"{path} is not the log of a training run: no line of it is a JSON object whose event is \"settings\". Give the file that Start-LoraTraining -LogPath wrote.", path);
