namespace LoraPS.Engine.Data;

/// <summary>For each pixel of a target axis, the source pixels it is made of and their weights.</summary>
internal sealed class ResampleTaps
{
    private readonly int[] _first;
    private readonly float[][] _weights;

    private ResampleTaps(int count) => (_first, _weights) = (new int[count], new float[count][]);

    /// <summary>Target pixels.</summary>
    public int Count => _first.Length;

    /// <summary>The first and one past the last source pixel that any target pixel needs.</summary>
    public (int Begin, int End) SourceRange => (_first.Min(), _first.Zip(_weights, (first, weights) => first + weights.Length).Max());

    /// <summary>The taps of a part of a target axis.</summary>
    /// <param name="kernel">Weights by distance.</param>
    /// <param name="source">Source pixels.</param>
    /// <param name="target">Target pixels of the whole axis.</param>
    /// <param name="offset">The part's first target pixel.</param>
    /// <param name="count">The part's length.</param>
    public static ResampleTaps Create(ResampleKernel kernel, int source, int target, int offset, int count)
    {
        var taps = new ResampleTaps(count);
        var scale = (double)source / target;
        for (var i = 0; i < count; i++)
            taps.Fill(i, kernel, source, (offset + i + 0.5) * scale, scale);
        return taps;
    }

    /// <summary>The first source pixel of a target pixel, and the weights of it and those after it.</summary>
    public ReadOnlySpan<float> Of(int target, out int first)
    {
        first = _first[target];
        return _weights[target];
    }

    private void Fill(int index, ResampleKernel kernel, int source, double centre, double scale)
    {
        var support = kernel.Support(scale);
        var low = (int)Math.Floor(centre - support);
        var high = (int)Math.Ceiling(centre + support);
        var first = Math.Clamp(low, 0, source - 1);
        var weights = new double[Math.Clamp(high, first + 1, source) - first];
        for (var pixel = low; pixel < high; pixel++)
        {
            var inside = Math.Clamp(pixel, first, first + weights.Length - 1);
            if (inside == pixel || kernel.RepeatsEdge)
                weights[inside - first] += kernel.Weight(pixel + 0.5 - centre, scale);
        }

        var sum = weights.Sum();
        _first[index] = first;
        _weights[index] = Array.ConvertAll(weights, weight => (float)(weight / sum));
    }
}
