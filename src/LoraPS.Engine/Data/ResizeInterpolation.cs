namespace LoraPS.Engine.Data;

/// <summary>How pixels are computed when a picture is resized.</summary>
/// <remarks>
/// The kernels follow the two libraries that sd-scripts resizes with: <see cref="Lanczos"/> and <see cref="Box"/> are
/// Pillow's (the kernel widens when a picture shrinks, and the result of the horizontal pass is rounded to 8 bits), the
/// others are OpenCV's.
/// </remarks>
public enum ResizeInterpolation
{
    /// <summary><see cref="Area"/> when no side grows, else <see cref="Lanczos"/>.</summary>
    Auto,

    /// <summary>Mean over the covered pixels, each weighted by the covered share.</summary>
    Area,

    /// <summary>Lanczos window of three lobes.</summary>
    Lanczos,

    /// <summary>Linear between the two nearest pixels of each direction, whatever the scale.</summary>
    Bilinear,

    /// <summary>Cubic with a = -0.75 between the four nearest pixels of each direction, whatever the scale.</summary>
    Bicubic,

    /// <summary>The nearest pixel.</summary>
    Nearest,

    /// <summary>Mean over the pixels whose centre is covered.</summary>
    Box,
}
