namespace LoraPS.Engine.Data;

/// <summary>Chooses the bucket of a picture.</summary>
/// <remarks>
/// Aspect-ratio bucketing as in NovelAI's description (github.com/NovelAI/novelai-aspect-ratio-bucketing), with the lists
/// and rules of sd-scripts 48d368fa: <c>library/model_util.py</c> make_bucket_resolutions, <c>library/train_util.py</c>
/// BucketManager.
/// </remarks>
public sealed class BucketSelector
{
    private readonly ImageSize _resolution;
    private readonly int _steps;
    private readonly bool _noUpscale;
    private readonly HashSet<ImageSize> _known;

    private BucketSelector(ImageSize resolution, int steps, bool noUpscale, IReadOnlyList<ImageSize> sizes)
    {
        (_resolution, _steps, _noUpscale, Sizes) = (resolution, steps, noUpscale, sizes);
        _known = [.. sizes];
    }

    /// <summary>The sizes to choose from, by width and then height. Empty when buckets follow the pictures.</summary>
    public IReadOnlyList<ImageSize> Sizes { get; }

    /// <summary>The selector of a data set: one size, a list of sizes, or sizes made from the pictures.</summary>
    /// <exception cref="ArgumentException">The options have no resolution.</exception>
    public static BucketSelector Create(DatasetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var resolution = options.Resolution ?? throw new ArgumentException("The data set's options have no resolution.", nameof(options));
        var steps = options.BucketResolutionSteps;
        if (!options.EnableBucket)
            return new BucketSelector(resolution, steps, noUpscale: false, [resolution]);
        if (options.BucketNoUpscale)
            return new BucketSelector(resolution, steps, noUpscale: true, []);
        var (min, max) = RoundBounds(options.MinBucketResolution, options.MaxBucketResolution, steps);
        return new BucketSelector(resolution, steps, noUpscale: false, MakeResolutions(resolution, min, max, steps));
    }

    /// <summary>Bounds on sides as multiples of the step: the lower one rounded down, the upper one up.</summary>
    public static (int Min, int Max) RoundBounds(int min, int max, int steps) =>
        (min - (min % steps), (max + steps - 1) / steps * steps);

    /// <summary>All sizes with sides in the bounds, multiples of the step, of at most the area of <paramref name="resolution"/>: for each width the greatest height and the reverse, and the square.</summary>
    /// <returns>Sizes by width and then height.</returns>
    public static IReadOnlyList<ImageSize> MakeResolutions(ImageSize resolution, int min, int max, int steps)
    {
        var square = (int)(Math.Sqrt(resolution.Area) / steps) * steps;
        var sizes = new HashSet<ImageSize> { new(square, square) };
        for (var width = min; width <= max; width += steps)
        {
            var height = (int)Math.Min(max, resolution.Area / width / steps * steps);
            if (height < min)
                continue;
            sizes.Add(new ImageSize(width, height));
            sizes.Add(new ImageSize(height, width));
        }

        return [.. sizes.OrderBy(s => s.Width).ThenBy(s => s.Height)];
    }

    /// <summary>The bucket of a picture of this size.</summary>
    public BucketFit Select(ImageSize image)
    {
        if (_noUpscale)
            return FollowPicture(image);
        var bucket = _known.Contains(image) ? image : Sizes.MinBy(size => Math.Abs(size.AspectRatio - image.AspectRatio));
        return Fit(image, bucket, Cover(image, bucket));
    }

    private static BucketFit Fit(ImageSize image, ImageSize bucket, ImageSize resized) =>
        new(bucket, resized, bucket.AspectRatio - image.AspectRatio);

    /// <summary>The smallest size of the picture's aspect ratio that covers the bucket.</summary>
    private static ImageSize Cover(ImageSize image, ImageSize bucket)
    {
        var scale = image.AspectRatio > bucket.AspectRatio
            ? (double)bucket.Height / image.Height
            : (double)bucket.Width / image.Width;
        return new ImageSize(Round(image.Width * scale), Round(image.Height * scale));
    }

    private BucketFit FollowPicture(ImageSize image)
    {
        var resized = image.Area > _resolution.Area ? Shrink(image.AspectRatio) : image;
        return Fit(image, new ImageSize(FloorToStep(resized.Width), FloorToStep(resized.Height)), resized);
    }

    /// <summary>The size of the resolution's area with one side on a step: the side that keeps the ratio better once both are on steps.</summary>
    private ImageSize Shrink(double ratio)
    {
        var exactWidth = Math.Sqrt(_resolution.Area * ratio);
        var width = FloorToStep(Round(exactWidth));
        var height = FloorToStep(Round(_resolution.Area / exactWidth));
        var ratioByWidth = (double)width / FloorToStep(Round(width / ratio));
        var ratioByHeight = (double)FloorToStep(Round(height * ratio)) / height;
        return Math.Abs(ratioByWidth - ratio) < Math.Abs(ratioByHeight - ratio)
            ? new ImageSize(width, Round(width / ratio))
            : new ImageSize(Round(height * ratio), height);
    }

    private int FloorToStep(int side) => side - (side % _steps);

    private static int Round(double side) => (int)(side + 0.5);
}
