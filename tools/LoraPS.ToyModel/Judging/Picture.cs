using LoraPS.ToyModel.World;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Judging;

/// <summary>The pixels of one picture, to look at one by one.</summary>
public sealed class Picture
{
    private readonly float[] _levels;

    private Picture(float[] levels) => _levels = levels;

    /// <summary>Side in pixels.</summary>
    public static int Side => ToyScene.Side;

    /// <summary>Takes pictures out of a tensor.</summary>
    /// <param name="pixels">[B, 3, 64, 64], -1 to 1.</param>
    public static IReadOnlyList<Picture> From(Tensor pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        using var scope = NewDisposeScope();
        return [.. pixels.permute(0, 2, 3, 1).contiguous().unbind().Select(one => new Picture([.. one.contiguous().data<float>().Select(level => (level + 1) * byte.MaxValue / 2)]))];
    }

    /// <summary>A colour, 0 to 255.</summary>
    public (float Red, float Green, float Blue) At(int x, int y)
    {
        var place = 3 * ((y * Side) + x);
        return (_levels[place], _levels[place + 1], _levels[place + 2]);
    }

    /// <summary>How far a pixel is from a colour: the Euclidean distance of red, green and blue, 0 to 442.</summary>
    public double Distance(int x, int y, SKColor colour) => Distance(At(x, y), colour);

    /// <summary>How far a colour is from another.</summary>
    public static double Distance((float Red, float Green, float Blue) colour, SKColor other)
    {
        var (red, green, blue) = (colour.Red - other.Red, colour.Green - other.Green, colour.Blue - other.Blue);
        return Math.Sqrt((red * red) + (green * green) + (blue * blue));
    }
}
