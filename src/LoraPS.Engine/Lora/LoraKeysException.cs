using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Lora;

/// <summary>A file does not hold the tensors that a network has; everything that differs is told at once.</summary>
/// <param name="path">The file.</param>
/// <param name="missing">Keys the network has and the file has not.</param>
/// <param name="unexpected">Keys the file has and the network has not.</param>
/// <param name="different">One line for each tensor of another shape or alpha.</param>
public sealed class LoraKeysException(
    string path, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> different)
    : EngineException("LoraKeysMismatch", Describe(path, missing, unexpected, different), path)
{
    private const string TextEncoderStart = "lora_te";
    private const int Shown = 5;
    private const double HalfPrecision = 0.01;

    /// <summary>Keys the network has and the file has not.</summary>
    public IReadOnlyList<string> Missing { get; } = missing;

    /// <summary>Keys the file has and the network has not.</summary>
    public IReadOnlyList<string> Unexpected { get; } = unexpected;

    /// <summary>One line for each tensor of another shape or alpha.</summary>
    public IReadOnlyList<string> Different { get; } = different;

    /// <summary>Compares a file with what a network is made of.</summary>
    /// <param name="file">The file.</param>
    /// <param name="network">The network; types may differ.</param>
    /// <exception cref="LoraKeysException">Anything differs.</exception>
    internal static void ThrowIfDifferent(SafetensorsFile file, LoraNetwork network)
    {
        var expected = network.ToStateDict(SafetensorsDType.F32).Select(pair => TensorSpec.Of(pair.Key, pair.Value)).ToList();
        var alphas = network.Adapters.ToDictionary(adapter => adapter.Target.AlphaKey, adapter => adapter.Target.Alpha);
        var omissible = network.Adapters.Where(adapter => adapter.Target.Alpha == adapter.Target.Rank).Select(adapter => adapter.Target.AlphaKey).ToHashSet();
        var missing = expected.Where(spec => !file.TryGet(spec.Name, out _)).Select(spec => spec.Name).Where(name => !omissible.Contains(name)).ToList();
        var unexpected = file.Tensors.Select(tensor => tensor.Name).Except(expected.Select(spec => spec.Name)).Except(Untrained(file, network)).ToList();
        var different = expected.Select(spec => Difference(file, spec, alphas)).OfType<string>().ToList();
        if (missing.Count + unexpected.Count + different.Count > 0)
            throw new LoraKeysException(file.Path, missing, unexpected, different);
    }

    /// <summary>Keys of a part of the model of which the network has no module.</summary>
    internal static IEnumerable<string> Untrained(SafetensorsFile file, LoraNetwork network)
    {
        var parts = network.Adapters.Select(adapter => adapter.Target.Part == ModelPart.UNet).ToHashSet();
        return file.Tensors.Select(tensor => tensor.Name).Where(name =>
            (name.StartsWith(KohyaNames.UNetPrefix, StringComparison.Ordinal) && !parts.Contains(true))
            || (name.StartsWith(TextEncoderStart, StringComparison.Ordinal) && !parts.Contains(false)));
    }

    private static string? Difference(SafetensorsFile file, TensorSpec expected, Dictionary<string, double> alphas)
    {
        if (!file.TryGet(expected.Name, out var found))
            return null;
        if (!found.Shape.SequenceEqual(expected.Shape))
            return $"{expected.Name} is [{string.Join(", ", found.Shape)}], expected [{string.Join(", ", expected.Shape)}]";
        return alphas.TryGetValue(expected.Name, out var alpha) && file.ReadScalar(expected.Name) is var value && Math.Abs(value - alpha) > HalfPrecision * Math.Abs(alpha)
            ? $"{expected.Name} is {value}, expected {alpha}"
            : null;
    }

    private static string Describe(
        string path, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> different)
    {
        var parts = new[] { Part("missing", missing), Part("unexpected", unexpected), Part("different", different) }.OfType<string>();
        return $"{path} does not hold this network: {string.Join("; ", parts)}. Give the rank, alpha and parts it was made with, or take ranks and alphas from the file.";
    }

    private static string? Part(string what, IReadOnlyList<string> lines) => lines.Count == 0
        ? null
        : $"{lines.Count} {what} ({string.Join(", ", lines.Take(Shown))}{(lines.Count > Shown ? ", …" : "")})";
}
