using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Loading;

/// <summary>A checkpoint does not hold the tensors its model has; everything that differs is told at once.</summary>
/// <remarks>
/// The error id names the gravest of the differences: CheckpointKeysMissing, CheckpointShapeMismatch or
/// CheckpointKeysUnexpected.
/// </remarks>
public sealed class StateDictException : EngineException
{
    private const int Shown = 6;

    internal StateDictException(string path, StateDictDifferences differences)
        : base(Id(differences), Describe(path, differences), path)
    {
        Missing = differences.Missing;
        Unexpected = differences.Unexpected;
        MisShaped = differences.MisShaped;
    }

    /// <summary>Tensors the model has and the checkpoint has not, as "part: name".</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Keys the checkpoint has and the model has not.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>One line for each tensor of another shape.</summary>
    public IReadOnlyList<string> MisShaped { get; }

    private static string Id(StateDictDifferences differences) => differences switch
    {
        { Missing.Count: > 0 } => "CheckpointKeysMissing",
        { MisShaped.Count: > 0 } => "CheckpointShapeMismatch",
        _ => "CheckpointKeysUnexpected",
    };

    private static string Describe(string path, StateDictDifferences differences)
    {
        var lists = new[]
        {
            Describe("missing", differences.Missing),
            Describe("of another shape", differences.MisShaped),
            Describe("unexpected", differences.Unexpected),
        };
        return $"{path} does not hold the tensors of this model: {string.Join("; ", lists.OfType<string>())}. The file may be incomplete, or of another kind of model.";
    }

    private static string? Describe(string what, List<string> lines) => lines.Count == 0
        ? null
        : $"{lines.Count} {what} ({string.Join(", ", lines.Take(Shown))}{(lines.Count > Shown ? ", …" : "")})";
}
