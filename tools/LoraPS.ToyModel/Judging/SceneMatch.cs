namespace LoraPS.ToyModel.Judging;

/// <summary>Which properties of a scene a picture has.</summary>
/// <param name="Count">As many things.</param>
/// <param name="Size">Things as large.</param>
/// <param name="Colour">Their colour.</param>
/// <param name="Shape">Their form.</param>
/// <param name="Place">Their place.</param>
/// <param name="Background">What is behind.</param>
public sealed record SceneMatch(bool Count, bool Size, bool Colour, bool Shape, bool Place, bool Background)
{
    /// <summary>A picture in which there is nothing.</summary>
    public static SceneMatch None { get; } = new(false, false, false, false, false, false);

    /// <summary>Share of the properties, 0 to 1.</summary>
    public double Score => new[] { Count, Size, Colour, Shape, Place, Background }.Average(property => property ? 1 : 0);

    /// <summary>Whether all are right.</summary>
    public bool IsWhole => this is { Count: true, Size: true, Colour: true, Shape: true, Place: true, Background: true };
}
