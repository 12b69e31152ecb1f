using System.Numerics;
using LoraPS.Engine.Runtime;
using TorchSharp;

namespace LoraPS.Engine.Data;

/// <summary>Reads a picture into the tensor that the VAE takes.</summary>
/// <remarks>
/// Decoded, turned upright as EXIF says, alpha left out (transparent pixels show the colour that is stored below), resized,
/// cropped, mirrored, scaled to -1..1. Follows sd-scripts 48d368fa (trim_and_resize_if_required, IMAGE_TRANSFORMS) but for
/// the orientation, which the reference does not look at. Pillow's Lanczos is met but for rare ties of rounding; OpenCV's
/// kernels to within one grey level.
/// </remarks>
public static class ImageTransform
{
    /// <summary>The place of the opacity among a pixel's numbers.</summary>
    private const int Opacity = 3;

    /// <summary>Loads the picture of one draw.</summary>
    /// <returns>Pixels [3, H, W], float32 in -1..1, on the CPU; H and W are the bucket's.</returns>
    /// <exception cref="ImageUnreadableException">The picture cannot be decoded.</exception>
    public static torch.Tensor Load(BatchItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Load(item.Entry, item.Flipped, item.Crop);
    }

    /// <summary>Loads a picture.</summary>
    /// <param name="entry">The picture.</param>
    /// <param name="flipped">Mirrors left to right, after cropping.</param>
    /// <param name="crop">Where the crop begins; the middle when null.</param>
    /// <returns>Pixels [3, H, W], float32 in -1..1, on the CPU; H and W are the bucket's.</returns>
    /// <exception cref="ImageUnreadableException">The picture cannot be decoded.</exception>
    public static torch.Tensor Load(DatasetEntry entry, bool flipped = false, CropOffset? crop = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        TorchRuntime.EnsureLoaded();
        using var file = ImageFile.Open(entry.Path);
        var pixels = Resample(file.Decode(), entry.Fit, crop ?? entry.Fit.Centre, entry.Interpolation);
        var bucket = entry.Fit.Bucket;
        return ToPlanes(pixels, bucket, flipped).ToTensor(3, bucket.Height, bucket.Width);
    }

    /// <summary>Loads how much each place of a picture counts: the red of its mask, or its own opacity.</summary>
    /// <param name="entry">The picture.</param>
    /// <param name="flipped">Mirrors left to right, after cropping.</param>
    /// <param name="crop">Where the crop begins; the middle when null.</param>
    /// <returns>[H, W], float32 in 0..1, on the CPU; H and W are the bucket's. Null where the picture has no mask.</returns>
    /// <exception cref="ImageUnreadableException">The picture or its mask cannot be decoded.</exception>
    public static torch.Tensor? LoadMask(DatasetEntry entry, bool flipped = false, CropOffset? crop = null)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.MaskSource is not { } path)
            return null;
        TorchRuntime.EnsureLoaded();
        var bucket = entry.Fit.Bucket;
        var pixels = Resample(DecodeMask(entry, path), entry.Fit, crop ?? entry.Fit.Centre, entry.Interpolation);
        var values = new float[pixels.Length];
        for (var i = 0; i < values.Length; i++)
            values[Place(i, bucket.Width, flipped)] = pixels[i][entry.MaskPath is null ? Opacity : 0] / 255f;
        return torch.tensor(values, [bucket.Height, bucket.Width]);
    }

    /// <summary>Resizes and crops.</summary>
    /// <returns>Rows of the bucket: red, green, blue and opacity in whole grey levels.</returns>
    internal static Vector4[] Resample(UprightPixels source, BucketFit fit, CropOffset crop, ResizeInterpolation interpolation)
    {
        var kernel = ResampleKernel.Of(Choose(interpolation, source.Size, fit.Resized));
        var across = ResampleTaps.Create(kernel, source.Size.Width, fit.Resized.Width, crop.Left, fit.Bucket.Width);
        var down = ResampleTaps.Create(kernel, source.Size.Height, fit.Resized.Height, crop.Top, fit.Bucket.Height);
        var (begin, end) = down.SourceRange;
        return CombineRows(NarrowRows(source, across, begin, end, kernel.RoundsBetween), begin, across.Count, down);
    }

    private static ResizeInterpolation Choose(ResizeInterpolation asked, ImageSize from, ImageSize to) =>
        asked != ResizeInterpolation.Auto ? asked
        : to.Width > from.Width || to.Height > from.Height ? ResizeInterpolation.Lanczos
        : ResizeInterpolation.Area;

    /// <summary>The horizontal pass over the rows from <paramref name="begin"/> to before <paramref name="end"/>.</summary>
    private static Vector4[] NarrowRows(UprightPixels source, ResampleTaps taps, int begin, int end, bool round)
    {
        var narrowed = new Vector4[(end - begin) * taps.Count];
        var row = new Vector4[source.Size.Width];
        for (var y = begin; y < end; y++)
        {
            source.ReadRow(y, row);
            var target = narrowed.AsSpan((y - begin) * taps.Count, taps.Count);
            for (var x = 0; x < target.Length; x++)
            {
                var weights = taps.Of(x, out var first);
                var pixels = row.AsSpan(first, weights.Length);
                var sum = Vector4.Zero;
                for (var i = 0; i < weights.Length; i++)
                    sum += pixels[i] * weights[i];
                target[x] = round ? ToGreyLevels(sum) : sum;
            }
        }

        return narrowed;
    }

    /// <summary>The vertical pass.</summary>
    private static Vector4[] CombineRows(Vector4[] rows, int firstRow, int width, ResampleTaps taps)
    {
        var result = new Vector4[taps.Count * width];
        for (var y = 0; y < taps.Count; y++)
        {
            var target = result.AsSpan(y * width, width);
            var weights = taps.Of(y, out var first);
            for (var i = 0; i < weights.Length; i++)
            {
                var row = rows.AsSpan((first - firstRow + i) * width, width);
                for (var x = 0; x < target.Length; x++)
                    target[x] += row[x] * weights[i];
            }

            foreach (ref var pixel in target)
                pixel = ToGreyLevels(pixel);
        }

        return result;
    }

    private static Vector4 ToGreyLevels(Vector4 value) =>
        Vector4.Truncate(Vector4.Clamp(value, Vector4.Zero, new Vector4(255)) + new Vector4(0.5f));

    /// <summary>A mask that cannot be read is told of as a fault of its picture, which is then left out.</summary>
    private static UprightPixels DecodeMask(DatasetEntry entry, string path)
    {
        try
        {
            using var file = ImageFile.Open(path);
            return file.Decode();
        }
        catch (ImageUnreadableException e) when (path != entry.Path)
        {
            throw new ImageUnreadableException(entry.Path, $"its mask {path} cannot be read: {e.Reason}", e);
        }
    }

    /// <summary>Where a pixel goes.</summary>
    private static int Place(int index, int width, bool flipped)
    {
        var column = index % width;
        return flipped ? index - column + (width - 1 - column) : index;
    }

    private static float[] ToPlanes(Vector4[] pixels, ImageSize size, bool flipped)
    {
        var plane = pixels.Length;
        var values = new float[3 * plane];
        for (var i = 0; i < plane; i++)
        {
            var to = Place(i, size.Width, flipped);
            for (var channel = 0; channel < 3; channel++)
                values[(channel * plane) + to] = ((pixels[i][channel] / 255f) - 0.5f) / 0.5f;
        }

        return values;
    }
}
