namespace LoraPS.Engine.Data;

/// <summary>What a folder says of one of its pictures.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Caption">Caption file's text; null where there is none.</param>
/// <param name="Size">Size of the upright picture.</param>
/// <param name="FileLength">Bytes.</param>
/// <param name="Fit">The bucket, and how the picture gets into it.</param>
internal sealed record ScannedImage(string Path, string? Caption, ImageSize Size, long FileLength, BucketFit Fit)
{
    /// <summary>Full path of its mask, or null.</summary>
    public string? MaskPath { get; init; }
}
