namespace LoraPS.Engine.Data;

/// <summary>Where a picture lies in its bucket, as models that are told about cropping are told it (SDXL).</summary>
/// <remarks>
/// The picture is thought to be fitted inside the bucket, as sd-scripts does (BucketManager.get_crop_ltrb): the numbers
/// stand for the axis along which it is too short, not for what <see cref="BucketFit"/> crops.
/// </remarks>
/// <param name="Left">Pixels.</param>
/// <param name="Top">Pixels.</param>
/// <param name="Right">Pixels.</param>
/// <param name="Bottom">Pixels.</param>
public readonly record struct CropBox(double Left, double Top, double Right, double Bottom)
{
    /// <summary>The box of a picture in a bucket.</summary>
    public static CropBox Of(ImageSize bucket, ImageSize image)
    {
        var (width, height) = bucket.AspectRatio > image.AspectRatio
            ? (bucket.Height * image.AspectRatio, (double)bucket.Height)
            : (bucket.Width, bucket.Width / image.AspectRatio);
        var left = Math.Floor((bucket.Width - width) / 2);
        var top = Math.Floor((bucket.Height - height) / 2);
        return new CropBox(left, top, left + width, top + height);
    }
}
