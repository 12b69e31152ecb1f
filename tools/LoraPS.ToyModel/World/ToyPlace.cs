namespace LoraPS.ToyModel.World;

/// <summary>Where a thing is.</summary>
/// <param name="Phrase">What captions say; empty for the middle, of which they say nothing.</param>
/// <param name="X">Share of the way from the middle to the right edge; negative to the left.</param>
/// <param name="Y">Share of the way from the middle to the lower edge; negative to the upper.</param>
public sealed record ToyPlace(string Phrase, int X, int Y)
{
    /// <summary>The middle.</summary>
    public static ToyPlace Middle { get; } = new("", 0, 0);

    /// <summary>The places but the middle.</summary>
    public static IReadOnlyList<ToyPlace> Sides { get; } =
        [new("on the left", -1, 0), new("on the right", 1, 0), new("at the top", 0, -1), new("at the bottom", 0, 1)];
}
