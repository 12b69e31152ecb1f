using System.Security.Cryptography;
using System.Text.Json;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told before the first step of a run, or of a part of it.</summary>
/// <param name="Settings">The settings that decide the run's numbers, by name.</param>
/// <param name="Seed">The run's seed, given or drawn.</param>
/// <param name="Steps">Steps in the whole run.</param>
/// <param name="Epochs">Epochs in the whole run.</param>
/// <param name="FirstStep">Steps done before, by a run that was stopped.</param>
public sealed record RunStartedEvent(IReadOnlyDictionary<string, string> Settings, long Seed, int Steps, int Epochs, int FirstStep) : EngineEvent
{
    /// <summary>A hash of the settings: equal for runs whose numbers are equal.</summary>
    /// <value>64 hexadecimal digits (SHA-256 of their JSON, names in order).</value>
    public string Hash { get; } = Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, string>(Settings.ToDictionary(), StringComparer.Ordinal))));
}
