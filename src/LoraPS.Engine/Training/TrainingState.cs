using System.Text.Json;
using System.Text.Json.Serialization;
using LoraPS.Engine.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Everything a stopped run needs to go on as if it had not been stopped, in one safetensors file.</summary>
/// <remarks>
/// The trained tensors are kept under their own names and in their own number format, beside them all that the optimizer remembers. Random
/// numbers and the order of the data follow from the seed and the step, so there is nothing else to keep.
/// </remarks>
/// <param name="Step">Steps done.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="StartedAt">When the run was started first.</param>
/// <param name="Settings">The settings that must not change, by name.</param>
/// <param name="Losses">What <see cref="LossAverage"/> held.</param>
public sealed record TrainingState(
    int Step, long Seed, DateTimeOffset StartedAt, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<double> Losses)
{
    private const string Key = "loraps.state";
    // The loss of a skipped step is not a number.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Reads a state, without its tensors.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TrainingStateException">The file is no state.</exception>
    public static TrainingState Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Key, out var json))
            throw new TrainingStateException(path, $"its metadata has no '{Key}'");
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(json, Json) is { Step: >= 0, Settings: not null, Losses: not null } state && !state.Settings.Values.Contains(null)
                ? state
                : throw new JsonException("steps, settings or losses are missing");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TrainingStateException(path, $"'{Key}' in its metadata is not understood: {e.Message}");
        }
    }

    /// <summary>Writes the state, whole or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="memory">All that changes in a run, by name.</param>
    public void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> memory)
    {
        using var scope = NewDisposeScope();
        var tensors = memory.ToDictionary(pair => pair.Key, pair => pair.Value.detach());
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { [Key] = JsonSerializer.Serialize(this, Json) });
    }

    /// <summary>Checks that a run may be taken up with these settings.</summary>
    /// <param name="path">The file this state was read from.</param>
    /// <param name="settings">The settings given now, by name.</param>
    /// <param name="length">How long the run is to be now.</param>
    /// <exception cref="ResumeMismatchException">A setting differs, or more steps are done than the run is to have.</exception>
    public void ThrowIfDifferent(string path, IReadOnlyDictionary<string, string> settings, TrainingLength length)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(length);
        var differences = Settings.Keys.Union(settings.Keys)
            .Select(name => (Name: name, Before: Settings.GetValueOrDefault(name, "not set"), Now: settings.GetValueOrDefault(name, "not set")))
            .Where(setting => setting.Before != setting.Now)
            .Select(setting => $"{setting.Name} was {setting.Before} and is {setting.Now}")
            .ToList();
        if (Step > length.Steps)
            differences.Add($"{Step} steps are done and the run is to have {length.Steps}");
        if (differences.Count > 0)
            throw new ResumeMismatchException(path, differences);
    }

    /// <summary>Puts all that changes in a run back as it was.</summary>
    /// <param name="path">The file this state was read from.</param>
    /// <param name="memory">The tensors to fill, by name.</param>
    /// <exception cref="TrainingStateException">Tensors are missing or have another shape.</exception>
    public static void Restore(string path, IEnumerable<KeyValuePair<string, Tensor>> memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        using var file = TensorFile.OpenUnmapped(path);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, target) in memory)
        {
            if (!file.TryGet(name, out var info) || !info.Shape.SequenceEqual(target.shape))
                throw new TrainingStateException(path, $"it has no tensor '{name}' of shape [{string.Join(", ", target.shape)}]");
            target.copy_(file.Read(name));
        }
    }
}
