namespace LoraPS.Engine.Merging;

/// <summary>Where the singular values go when a matrix is split in two factors. The product is the same.</summary>
public enum FactorBalance
{
    /// <summary>The square root of each to both factors, which keeps entries of both in the range of float16.</summary>
    Even,

    /// <summary>All in up, leaving down orthonormal, as sd-scripts writes them.</summary>
    Up,
}
