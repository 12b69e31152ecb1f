using SkiaSharp;

namespace LoraPS.ToyModel.World;

/// <summary>One picture of the world: one thing, or two or three alike in a row.</summary>
/// <param name="Count">How many: 1 to 3.</param>
/// <param name="Size">How large; several things have a size of their own.</param>
/// <param name="Colour">Their colour; null for a thing that has its own.</param>
/// <param name="Shape">Their form.</param>
/// <param name="Place">Where one thing is; several are in the middle.</param>
/// <param name="Background">What is behind.</param>
/// <param name="Shift">By how many pixels all is moved, so that no two pictures need be the same.</param>
public sealed record ToyScene(int Count, ToySize Size, ToyColour? Colour, ToyShape Shape, ToyPlace Place, ToyColour Background, SKPoint Shift = default)
{
    /// <summary>Side of a picture in pixels.</summary>
    public const int Side = 64;

    private const float Margin = 2;
    private static readonly string[] Counts = ["", "two", "three"];

    /// <summary>Whether the caption names the background.</summary>
    /// <value>Default true.</value>
    public bool TellsBackground { get; init; } = true;

    /// <summary>What the picture shows, in words.</summary>
    public string Caption
    {
        get
        {
            var noun = Count == 1 ? Shape.Name : Shape.Plural;
            string[] words = [Size.Name, Colour?.Name ?? "", noun];
            var things = Join(words);
            var article = Count > 1 ? Counts[Count - 1] : "aeiou".Contains(things[0], StringComparison.Ordinal) ? "an" : "a";
            return Join(article, things, Place.Phrase, TellsBackground ? $"on a {Background.Name} background" : "");
        }
    }

    /// <summary>Half the width of each thing, pixels.</summary>
    public float Radius => Count switch { 1 => Size.Radius, 2 => 12, _ => 8.5f };

    /// <summary>The middle of each thing, pixels.</summary>
    public IEnumerable<SKPoint> Centres
    {
        get
        {
            const float middle = Side / 2f;
            var far = Reach(Radius);
            var step = Side / (Count + 0.2f);
            for (var i = 0; i < Count; i++)
                yield return new(middle + (Place.X * far) + ((i - ((Count - 1) / 2f)) * step) + Shift.X, middle + (Place.Y * far) + Shift.Y);
        }
    }

    /// <summary>Paints the picture.</summary>
    public void Draw(SKCanvas canvas)
    {
        ArgumentNullException.ThrowIfNull(canvas);
        canvas.Clear(Background.Value);
        foreach (var centre in Centres)
            Shape.Draw(canvas, centre, Radius, Colour?.Value ?? default);
    }

    /// <summary>How far to the side a thing is: as far as it fits, at most half way, pixels.</summary>
    public static float Reach(float radius) => Math.Min(Side / 4f, (Side / 2f) - Margin - radius);

    private static string Join(params string[] words) => string.Join(' ', words.Where(word => word.Length > 0));
}
