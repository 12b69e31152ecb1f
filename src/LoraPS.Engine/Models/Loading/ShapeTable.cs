namespace LoraPS.Engine.Models.Loading;

/// <summary>Questions about the shapes of a network's tensors.</summary>
/// <param name="tensors">The tensors, by the names the network's modules have.</param>
internal sealed class ShapeTable(IReadOnlyDictionary<string, StoredTensor> tensors)
{
    /// <summary>One side of one tensor, or the fallback where there is no such tensor or side.</summary>
    public int Size(string name, int dimension, int fallback) =>
        tensors.TryGetValue(name, out var stored) && stored.Info.Shape.Count > dimension
            ? (int)Math.Min(stored.Info.Shape[dimension], int.MaxValue)
            : fallback;

    /// <summary>How many modules a list holds: those numbered 0, 1, … without a gap.</summary>
    public int Count(string list)
    {
        var count = 0;
        while (tensors.Keys.Any(name => name.StartsWith($"{list}.{count}.", StringComparison.Ordinal)))
            count++;
        return count;
    }
}
