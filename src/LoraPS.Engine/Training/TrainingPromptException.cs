using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>A file of prompts for sample pictures cannot be understood.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">Why.</param>
public sealed class TrainingPromptException(string path, string reason)
    : EngineException("SamplePromptsInvalid", $"The prompt file {path} cannot be used: {reason}.", path);
