namespace LoraPS.Engine.Data.Configuration;

/// <summary>Every option of a data set configuration.</summary>
/// <remarks>The keys and levels of sd-scripts 48d368fa, <c>library/config_util.py</c> ConfigSanitizer.</remarks>
internal static class ConfigSchema
{
    /// <summary>All options.</summary>
    public static IReadOnlyList<ConfigOption> Options { get; } = [.. DatasetKeys(), .. SubsetKeys(), .. CaptionKeys(), .. UnsupportedKeys()];

    /// <summary>Keys of the reference's command line, and what they are called here.</summary>
    public static IReadOnlyDictionary<string, string> CommandLineNames { get; } = new Dictionary<string, string>
    {
        ["train_batch_size"] = "batch_size",
        ["dataset_repeats"] = "num_repeats",
        ["train_data_dir"] = "image_dir",
        ["reg_data_dir"] = "image_dir",
        ["in_json"] = "metadata_file",
    };

    /// <summary>Keys that belong to the training and not to its data.</summary>
    public static IReadOnlySet<string> TrainingKeys { get; } = new HashSet<string>
    {
        "debug_dataset", "max_token_length", "prior_loss_weight", "cache_latents", "cache_latents_to_disk",
        "cache_text_encoder_outputs", "vae_batch_size", "skip_cache_check", "seed", "masked_loss",
    };

    private static IEnumerable<ConfigOption> DatasetKeys() =>
    [
        ConfigOption.OfDataset("batch_size", ConfigTypes.Whole, (o, v) => o with { BatchSize = v }, o => o.BatchSize),
        ConfigOption.OfDataset("resolution", ConfigTypes.Size, (o, v) => o with { Resolution = v }, o => SizeOf(o.Resolution)),
        ConfigOption.OfDataset("enable_bucket", ConfigTypes.Flag, (o, v) => o with { EnableBucket = v }, o => o.EnableBucket),
        ConfigOption.OfDataset("min_bucket_reso", ConfigTypes.Whole, (o, v) => o with { MinBucketResolution = v }, o => o.MinBucketResolution),
        ConfigOption.OfDataset("max_bucket_reso", ConfigTypes.Whole, (o, v) => o with { MaxBucketResolution = v }, o => o.MaxBucketResolution),
        ConfigOption.OfDataset("bucket_reso_steps", ConfigTypes.Whole, (o, v) => o with { BucketResolutionSteps = v }, o => o.BucketResolutionSteps),
        ConfigOption.OfDataset("bucket_no_upscale", ConfigTypes.Flag, (o, v) => o with { BucketNoUpscale = v }, o => o.BucketNoUpscale),
        ConfigOption.OfDataset("validation_split", ConfigTypes.Number, (o, v) => o with { ValidationSplit = v }, o => o.ValidationSplit),
        ConfigOption.OfDataset("validation_seed", ConfigTypes.Whole, (o, v) => o with { ValidationSeed = v }, o => o.ValidationSeed),
    ];

    private static IEnumerable<ConfigOption> SubsetKeys() =>
    [
        ConfigOption.OfSubset("image_dir", ConfigTypes.Text, (o, v) => o with { ImageDirectory = v }, o => o.ImageDirectory, ConfigLevels.Subset),
        ConfigOption.OfSubset("is_reg", ConfigTypes.Flag, (o, v) => o with { IsRegularization = v }, o => o.IsRegularization, ConfigLevels.Subset),
        ConfigOption.OfSubset("class_tokens", ConfigTypes.Text, (o, v) => o with { ClassTokens = v }, o => o.ClassTokens),
        ConfigOption.OfSubset("caption_extension", ConfigTypes.Text, (o, v) => o with { CaptionExtension = v }, o => o.CaptionExtension),
        ConfigOption.OfSubset("num_repeats", ConfigTypes.Whole, (o, v) => o with { Repeats = v }, o => o.Repeats),
        ConfigOption.OfSubset("flip_aug", ConfigTypes.Flag, (o, v) => o with { FlipAugmentation = v }, o => o.FlipAugmentation),
        ConfigOption.OfSubset("random_crop", ConfigTypes.Flag, (o, v) => o with { RandomCrop = v }, o => o.RandomCrop),
        ConfigOption.OfSubset("alpha_mask", ConfigTypes.Flag, (o, v) => o with { AlphaMask = v }, o => o.AlphaMask, ConfigLevels.Subset),
        ConfigOption.OfSubset("conditioning_data_dir", ConfigTypes.Text, (o, v) => o with { MaskDirectory = v }, o => o.MaskDirectory, ConfigLevels.Subset),
        ConfigOption.OfSubset("resize_interpolation", ConfigTypes.Interpolation, (o, v) => o with { Interpolation = v }, o => o.Interpolation?.ToString().ToLowerInvariant()),
    ];

    private static IEnumerable<ConfigOption> CaptionKeys() =>
    [
        ConfigOption.OfCaption("shuffle_caption", ConfigTypes.Flag, (o, v) => o with { Shuffle = v }, o => o.Shuffle),
        ConfigOption.OfCaption("caption_separator", ConfigTypes.Text, (o, v) => o with { Separator = v }, o => o.Separator),
        ConfigOption.OfCaption("keep_tokens", ConfigTypes.Whole, (o, v) => o with { KeepTokens = v }, o => o.KeepTokens),
        ConfigOption.OfCaption("keep_tokens_separator", ConfigTypes.Text, (o, v) => o with { KeepTokensSeparator = v }, o => o.KeepTokensSeparator),
        ConfigOption.OfCaption("secondary_separator", ConfigTypes.Text, (o, v) => o with { SecondarySeparator = v }, o => o.SecondarySeparator),
        ConfigOption.OfCaption("enable_wildcard", ConfigTypes.Flag, (o, v) => o with { EnableWildcard = v }, o => o.EnableWildcard),
        ConfigOption.OfCaption("caption_prefix", ConfigTypes.Text, (o, v) => o with { Prefix = v }, o => o.Prefix),
        ConfigOption.OfCaption("caption_suffix", ConfigTypes.Text, (o, v) => o with { Suffix = v }, o => o.Suffix),
        ConfigOption.OfCaption("caption_dropout_rate", ConfigTypes.Number, (o, v) => o with { DropoutRate = v }, o => o.DropoutRate),
        ConfigOption.OfCaption("caption_dropout_every_n_epochs", ConfigTypes.Whole, (o, v) => o with { DropoutEveryNEpochs = v }, o => o.DropoutEveryNEpochs),
        ConfigOption.OfCaption("caption_tag_dropout_rate", ConfigTypes.Number, (o, v) => o with { TagDropoutRate = v }, o => o.TagDropoutRate),
        ConfigOption.OfCaption("token_warmup_min", ConfigTypes.Whole, (o, v) => o with { TokenWarmupMin = v }, o => o.TokenWarmupMin),
        ConfigOption.OfCaption("token_warmup_step", ConfigTypes.Number, (o, v) => o with { TokenWarmupStep = v }, o => o.TokenWarmupStep),
    ];

    private static IEnumerable<ConfigOption> UnsupportedKeys() =>
    [
        ConfigOption.Unsupported("network_multiplier", ConfigLevels.Upper, ConfigTypes.Number, value => value == 1),
        ConfigOption.Unsupported("color_aug", ConfigLevels.All, ConfigTypes.Flag, value => !value),
        ConfigOption.Unsupported("face_crop_aug_range", ConfigLevels.All, ConfigTypes.List, _ => false),
        ConfigOption.Unsupported("custom_attributes", ConfigLevels.All, ConfigTypes.Table, value => value.Items.Count == 0),
        ConfigOption.Unsupported("cache_info", ConfigLevels.All, ConfigTypes.Flag, value => !value),
        ConfigOption.Unsupported("metadata_file", ConfigLevels.Subset, ConfigTypes.Text, _ => false),
    ];

    private static object? SizeOf(ImageSize? size) => size is not { } s ? null : s.Width == s.Height ? s.Width : new[] { s.Width, s.Height };
}
