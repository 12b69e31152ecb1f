using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>A file that should hold the state of a training run does not.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">What is wrong with it, as a clause.</param>
public sealed class TrainingStateException(string path, string reason)
    : EngineException("TrainingStateInvalid", $"{path} is not the state of a training run: {reason}. Name the .state.safetensors file that a stopped run left.", path);
