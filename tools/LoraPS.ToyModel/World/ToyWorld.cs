using LoraPS.Engine.Runtime;
using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>The pictures there are: numbered, and the same for the same seed.</summary>
public static class ToyWorld
{
    private const int Jitter = 2;
    private const long RegularizationSeed = 3;

    /// <summary>Pictures of what is to stay as it is while a zorb is learned: 24, which neither the model's training nor a judgement draws.</summary>
    public static IReadOnlyList<ToyScene> Regularization { get; } = [.. Enumerable.Range(0, 24).Select(number => Scene(RegularizationSeed, number))];

    /// <summary>The scene of a number.</summary>
    /// <param name="seed">Seed of the whole world.</param>
    /// <param name="number">Which scene.</param>
    public static ToyScene Scene(long seed, int number)
    {
        var random = new CounterRandom(seed, RandomPurpose.Caption, item: number);
        var count = random.NextInt(20) switch { < 13 => 1, < 17 => 2, _ => 3 };
        var size = count == 1 && random.NextInt(2) == 0 ? Pick(random, ToySize.Named) : ToySize.Usual;
        var place = count == 1 && random.NextInt(5) >= 2 ? Pick(random, ToyPlace.Sides) : ToyPlace.Middle;
        var shift = new SKPoint(random.NextInt((2 * Jitter) + 1) - Jitter, random.NextInt((2 * Jitter) + 1) - Jitter);
        return new(count, size, Pick(random, ToyColour.Things), Pick(random, ToyShape.All), place, Pick(random, ToyColour.Backgrounds), shift)
        {
            TellsBackground = random.NextInt(12) > 0,
        };
    }

    /// <summary>A scene of no world, for an autoencoder that is to know more than this one: any colours, and forms within forms.</summary>
    /// <param name="seed">Seed of all of them.</param>
    /// <param name="number">Which.</param>
    public static Action<SKCanvas> Doodle(long seed, int number) => canvas =>
    {
        ArgumentNullException.ThrowIfNull(canvas);
        var random = new CounterRandom(seed, RandomPurpose.Crop, item: number);
        var scene = Scene(seed, number) with { Background = new("", AnyColour(random)), Colour = new("", AnyColour(random)) };
        scene.Draw(canvas);
        var (hasCore, share, colour) = (random.NextInt(2) == 0, float.Lerp(0.45f, 0.7f, (float)random.NextDouble()), AnyColour(random));
        foreach (var centre in scene.Centres.Where(_ => hasCore))
            scene.Shape.Draw(canvas, centre, scene.Radius * share, colour);
    };

    private static T Pick<T>(CounterRandom random, IReadOnlyList<T> all) => all[random.NextInt(all.Count)];

    private static SKColor AnyColour(CounterRandom random) => new((byte)random.NextInt(256), (byte)random.NextInt(256), (byte)random.NextInt(256));
}
