using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>A colour and its word.</summary>
/// <param name="Name">The word in captions.</param>
/// <param name="Value">The colour.</param>
public sealed record ToyColour(string Name, SKColor Value)
{
    /// <summary>Colours of things.</summary>
    public static IReadOnlyList<ToyColour> Things { get; } =
    [
        new("red", new SKColor(220, 35, 35)), new("orange", new SKColor(250, 140, 20)), new("yellow", new SKColor(250, 220, 30)),
        new("green", new SKColor(30, 150, 50)), new("cyan", new SKColor(40, 210, 225)), new("blue", new SKColor(45, 90, 235)),
        new("pink", new SKColor(250, 130, 190)), new("brown", new SKColor(125, 75, 35)),
    ];

    /// <summary>Colours of backgrounds.</summary>
    public static IReadOnlyList<ToyColour> Backgrounds { get; } =
    [
        new("white", new SKColor(250, 250, 250)), new("black", new SKColor(10, 10, 10)), new("grey", new SKColor(140, 140, 140)),
        new("sand", new SKColor(235, 210, 160)), new("navy", new SKColor(20, 25, 85)), new("mint", new SKColor(175, 240, 205)),
    ];
}
