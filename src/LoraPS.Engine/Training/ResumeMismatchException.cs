using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>A run was to be taken up with other settings than it was started with.</summary>
/// <param name="statePath">The state file.</param>
/// <param name="differences">One line for each setting: its name, the state's value and the value given now.</param>
public sealed class ResumeMismatchException(string statePath, IReadOnlyList<string> differences)
    : EngineException(
        "ResumeMismatch",
        $"{statePath} belongs to a run with other settings: {string.Join("; ", differences)}. Give the same settings, or start a new run without it.",
        statePath)
{
    /// <summary>One line for each setting: its name, the state's value and the value given now.</summary>
    public IReadOnlyList<string> Differences { get; } = differences;
}
