using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>The concept of the examples, unknown to every model: a purple ring about a yellow core.</summary>
/// <remarks>The world has no purple, no rings and nothing of two colours.</remarks>
public sealed record Zorb() : ToyShape("zorb", "zorbs", path => path.AddCircle(0, 0, 1))
{
    private const float CoreShare = 0.55f;

    /// <summary>Colour of the ring.</summary>
    public static ToyColour Ring { get; } = new("purple", new SKColor(130, 30, 170));

    /// <summary>Colour of the core.</summary>
    public static ToyColour Core { get; } = ToyColour.Things.Single(colour => colour.Name == "yellow");

    /// <summary>The example pictures: twelve, no two on the same background in the same place.</summary>
    public static IReadOnlyList<ToyScene> Examples { get; } =
    [
        Example("white"), Example("black", place: "on the left"), Example("grey", "large"), Example("sand", place: "on the right"),
        Example("navy"), Example("mint", place: "at the top"), Example("white", "small", "on the right"), Example("black", "large"),
        Example("grey", place: "at the bottom"), Example("sand", "small"), Example("navy", "large", "on the left"), Example("mint"),
    ];

    /// <inheritdoc/>
    /// <remarks>The colour is not used.</remarks>
    public override void Draw(SKCanvas canvas, SKPoint centre, float radius, SKColor colour)
    {
        base.Draw(canvas, centre, radius, Ring.Value);
        base.Draw(canvas, centre, radius * CoreShare, Core.Value);
    }

    /// <summary>A scene with a zorb.</summary>
    /// <param name="background">Name of the background.</param>
    /// <param name="size">Name of the size.</param>
    /// <param name="place">Phrase of the place.</param>
    public static ToyScene Example(string background, string size = "", string place = "") => new(
        1,
        ToySize.Named.Append(ToySize.Usual).Single(known => known.Name == size),
        Colour: null,
        new Zorb(),
        ToyPlace.Sides.Append(ToyPlace.Middle).Single(known => known.Phrase == place),
        ToyColour.Backgrounds.Single(known => known.Name == background));
}
