using LoraPS.Engine.Runtime;
using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>The pictures there are: numbered, and the same for the same seed.</summary>
public static class ToyWorld
{
    private const int Jitter = 3;

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

    /// <summary>A drawing of no world, for an autoencoder that is to know more than this one: any colours, any places, forms within forms.</summary>
    /// <param name="seed">Seed of all drawings.</param>
    /// <param name="number">Which drawing.</param>
    public static Action<SKCanvas> Doodle(long seed, int number) => canvas =>
    {
        ArgumentNullException.ThrowIfNull(canvas);
        var random = new CounterRandom(seed, RandomPurpose.Crop, item: number);
        canvas.Clear(AnyColour(random));
        for (var left = 1 + random.NextInt(3); left > 0; left--)
        {
            var shape = Pick(random, ToyShape.All);
            var centre = new SKPoint(Between(random, 10, ToyScene.Side - 10), Between(random, 10, ToyScene.Side - 10));
            var radius = Between(random, 6, 22);
            shape.Draw(canvas, centre, radius, AnyColour(random));
            if (random.NextInt(2) == 0)
                shape.Draw(canvas, centre, radius * Between(random, 0.45f, 0.7f), AnyColour(random));
        }
    };

    private static T Pick<T>(CounterRandom random, IReadOnlyList<T> all) => all[random.NextInt(all.Count)];

    private static float Between(CounterRandom random, float low, float high) => float.Lerp(low, high, (float)random.NextDouble());

    private static SKColor AnyColour(CounterRandom random) => new((byte)random.NextInt(256), (byte)random.NextInt(256), (byte)random.NextInt(256));
}
