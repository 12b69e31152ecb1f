namespace LoraPS.ToyModel.World;

/// <summary>How large a thing is.</summary>
/// <param name="Name">The word in captions; empty for the usual size, of which they say nothing.</param>
/// <param name="Radius">Half its width, pixels.</param>
public sealed record ToySize(string Name, float Radius)
{
    /// <summary>The usual size.</summary>
    public static ToySize Usual { get; } = new("", 17);

    /// <summary>The sizes but the usual one.</summary>
    public static IReadOnlyList<ToySize> Named { get; } = [new("small", 12), new("large", 24)];
}
