namespace LoraPS.Engine.Data;

/// <summary>One picture of a data set: a path and what is known without reading its pixels.</summary>
/// <param name="Path">Full path of the picture.</param>
/// <param name="Caption">Caption as its file says it, lines parted by "\n"; nothing is drawn yet.</param>
/// <param name="Size">Size after turning the picture upright as its EXIF orientation says.</param>
/// <param name="FileLength">Bytes.</param>
/// <param name="Fit">The bucket, and how the picture gets into it.</param>
/// <param name="Repeats">How often it is seen in an epoch.</param>
/// <param name="Interpolation">How it is resized.</param>
/// <param name="Subset">The folder's options.</param>
public sealed record DatasetEntry(
    string Path,
    string Caption,
    ImageSize Size,
    long FileLength,
    BucketFit Fit,
    int Repeats,
    ResizeInterpolation Interpolation,
    SubsetOptions Subset)
{
    /// <summary>Full path of the picture's mask, or null.</summary>
    public string? MaskPath { get; init; }

    /// <summary>The file that tells how much each place counts: the mask, the picture itself for its opacity, or null for none.</summary>
    internal string? MaskSource => MaskPath ?? (Subset.AlphaMask ? Path : null);
}
