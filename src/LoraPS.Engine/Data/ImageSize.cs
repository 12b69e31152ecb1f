using System.Globalization;

namespace LoraPS.Engine.Data;

/// <summary>A picture's width and height.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>Width divided by height.</summary>
    public double AspectRatio => (double)Width / Height;

    /// <summary>Width times height, pixels.</summary>
    public long Area => (long)Width * Height;

    /// <summary>True when a side has no pixel.</summary>
    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>The same picture on its side.</summary>
    public ImageSize Transposed => new(Height, Width);

    /// <summary>"512x384".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}
