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

    /// <summary>Compares the settings a run was started with and those it is taken up with.</summary>
    /// <param name="statePath">The state file.</param>
    /// <param name="before">The settings in it, by name.</param>
    /// <param name="now">The settings given now, by name.</param>
    /// <exception cref="ResumeMismatchException">Any differs.</exception>
    public static void ThrowIfDifferent(string statePath, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);
        var differences = before.Keys.Union(now.Keys)
            .Select(name => (Name: name, Before: before.GetValueOrDefault(name, "not set"), Now: now.GetValueOrDefault(name, "not set")))
            .Where(setting => setting.Before != setting.Now)
            .Select(setting => $"{setting.Name} was {setting.Before} and is {setting.Now}")
            .ToList();
        if (differences.Count > 0)
            throw new ResumeMismatchException(statePath, differences);
    }
}
