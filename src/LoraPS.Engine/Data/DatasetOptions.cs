namespace LoraPS.Engine.Data;

/// <summary>One resolution, one batch size, and the folders that are trained with them.</summary>
/// <remarks>The reference's option names are in brackets.</remarks>
public sealed record DatasetOptions
{
    /// <summary>Size whose area pictures are brought to, or their exact size without buckets (<c>resolution</c>).</summary>
    /// <value>Default null: not given, which only a configuration's defaults may leave so.</value>
    public ImageSize? Resolution { get; init; }

    /// <summary>Pictures a batch (<c>batch_size</c>).</summary>
    /// <value>Default 1.</value>
    public int BatchSize { get; init; } = 1;

    /// <summary>Keeps pictures near their aspect ratio instead of cropping all to one size (<c>enable_bucket</c>).</summary>
    /// <value>Default false.</value>
    public bool EnableBucket { get; init; }

    /// <summary>Shortest side of a bucket, rounded down to a step (<c>min_bucket_reso</c>).</summary>
    /// <value>Pixels; default 256.</value>
    public int MinBucketResolution { get; init; } = 256;

    /// <summary>Longest side of a bucket, rounded up to a step (<c>max_bucket_reso</c>).</summary>
    /// <value>Pixels; default 1024.</value>
    public int MaxBucketResolution { get; init; } = 1024;

    /// <summary>Sides of buckets are multiples of this (<c>bucket_reso_steps</c>).</summary>
    /// <value>Pixels; default 64.</value>
    public int BucketResolutionSteps { get; init; } = 64;

    /// <summary>Never enlarges a picture: buckets then follow the pictures, and the bounds on sides do not count (<c>bucket_no_upscale</c>).</summary>
    /// <value>Default false.</value>
    public bool BucketNoUpscale { get; init; }

    /// <summary>How pictures are resized where their subset does not say it (<c>resize_interpolation</c>).</summary>
    /// <value>Default <see cref="ResizeInterpolation.Auto"/>.</value>
    public ResizeInterpolation Interpolation { get; init; }

    /// <summary>Share of each folder's pictures that is kept from training to measure the loss on (<c>validation_split</c>); regularisation pictures never are.</summary>
    /// <value>0 (the default) to 1.</value>
    public double ValidationSplit { get; init; }

    /// <summary>Seed of the choice of these pictures, and of what they are measured with (<c>validation_seed</c>).</summary>
    /// <value>Null (the default): the run's seed.</value>
    public int? ValidationSeed { get; init; }

    /// <summary>The folders (<c>subsets</c>).</summary>
    public IReadOnlyList<SubsetOptions> Subsets { get; init; } = [];
}
