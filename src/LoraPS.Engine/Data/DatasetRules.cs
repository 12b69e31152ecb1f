namespace LoraPS.Engine.Data;

/// <summary>What the options of a data set must satisfy, wherever they come from.</summary>
internal static class DatasetRules
{
    /// <summary>The VAE makes one latent of so many pixels in each direction.</summary>
    private const int PixelsPerLatent = 8;

    /// <summary>Everything wrong with these options and those of their folders.</summary>
    public static IEnumerable<DatasetProblem> Check(DatasetOptions options) =>
        CheckSizes(options).Concat(CheckBuckets(options)).Concat(options.Subsets.SelectMany(subset => CheckCaption(subset.Caption)));

    private static IEnumerable<DatasetProblem> CheckSizes(DatasetOptions options)
    {
        if (options.BatchSize < 1)
            yield return new("batch_size", $"The batch size is {options.BatchSize}; it must be at least 1.");
        if (options.ValidationSplit is not (>= 0 and <= 1))
            yield return new("validation_split", $"The share of pictures for validation is {options.ValidationSplit}; it must be from 0 to 1.");
        if (options.Resolution is not { } resolution)
            yield return new("resolution", "The data set has no resolution; give one, such as 512 or [768, 512].");
        else if (resolution.IsEmpty || (!options.EnableBucket && !(IsWhole(resolution.Width) && IsWhole(resolution.Height))))
            yield return new("resolution", $"The resolution is {resolution}; its sides must be multiples of {PixelsPerLatent}, above 0.");
    }

    private static IEnumerable<DatasetProblem> CheckBuckets(DatasetOptions options)
    {
        if (!options.EnableBucket)
            yield break;
        if (options.BucketResolutionSteps < PixelsPerLatent || !IsWhole(options.BucketResolutionSteps))
            yield return new("bucket_reso_steps", $"The step of bucket sizes is {options.BucketResolutionSteps}; it must be a multiple of {PixelsPerLatent}, above 0.");
        else if (!options.BucketNoUpscale && options.Resolution is { IsEmpty: false } resolution)
            foreach (var problem in CheckBounds(options, resolution))
                yield return problem;
    }

    private static IEnumerable<DatasetProblem> CheckBounds(DatasetOptions options, ImageSize resolution)
    {
        var (min, max) = BucketSelector.RoundBounds(options.MinBucketResolution, options.MaxBucketResolution, options.BucketResolutionSteps);
        if (min < options.BucketResolutionSteps)
            yield return new("min_bucket_reso", $"The shortest side of a bucket is {options.MinBucketResolution}; it must be at least one step, {options.BucketResolutionSteps}.");
        if (Math.Min(resolution.Width, resolution.Height) < min)
            yield return new("min_bucket_reso", $"The shortest side of a bucket is {min}, above that of the resolution, {resolution}. Lower it to {Math.Min(resolution.Width, resolution.Height)} or less.");
        if (Math.Max(resolution.Width, resolution.Height) > max)
            yield return new("max_bucket_reso", $"The longest side of a bucket is {max}, below that of the resolution, {resolution}. Raise it to {Math.Max(resolution.Width, resolution.Height)} or more.");
    }

    private static IEnumerable<DatasetProblem> CheckCaption(CaptionOptions caption)
    {
        if (caption.Separator.Length == 0)
            yield return new("caption_separator", "The caption separator is empty; give the text that stands between tags.");
        foreach (var (option, share) in new[] { ("caption_dropout_rate", caption.DropoutRate), ("caption_tag_dropout_rate", caption.TagDropoutRate) })
            if (share is not (>= 0 and <= 1))
                yield return new(option, $"{option} is {share}; it must be from 0 to 1.");
        foreach (var (option, number) in new[] { ("keep_tokens", caption.KeepTokens), ("token_warmup_min", caption.TokenWarmupMin), ("caption_dropout_every_n_epochs", caption.DropoutEveryNEpochs) })
            if (number < 0)
                yield return new(option, $"{option} is {number}; it must not be negative.");
        if (caption.TokenWarmupStep is not (>= 0 and < double.PositiveInfinity))
            yield return new("token_warmup_step", $"token_warmup_step is {caption.TokenWarmupStep}; it must not be negative.");
    }

    private static bool IsWhole(int side) => side % PixelsPerLatent == 0;
}
