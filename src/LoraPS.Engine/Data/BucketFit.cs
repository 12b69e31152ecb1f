namespace LoraPS.Engine.Data;

/// <summary>How a picture gets into its bucket: resized first, then cropped.</summary>
/// <param name="Bucket">Size after cropping. Empty when the picture is too small to be trained on without enlarging it.</param>
/// <param name="Resized">Size after resizing; covers the bucket.</param>
/// <param name="RatioError">Aspect ratio of the bucket minus that of the picture.</param>
public readonly record struct BucketFit(ImageSize Bucket, ImageSize Resized, double RatioError)
{
    /// <summary>Pixels that cropping takes away.</summary>
    public ImageSize Excess => new(Resized.Width - Bucket.Width, Resized.Height - Bucket.Height);

    /// <summary>Left and top of the middle crop, pixels; the odd pixel stays at the right and at the bottom.</summary>
    public CropOffset Centre => new(Excess.Width / 2, Excess.Height / 2);
}
