using System.Text.Json.Nodes;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Training;

/// <summary>What a LoRA file says of the pictures it was trained on.</summary>
/// <remarks>
/// Keys and forms of sd-scripts train_network.py@48d368fa: a data set from a configuration file is told as one list
/// (<c>ss_datasets</c>), one from a folder as values of their own.
/// </remarks>
internal static class DatasetMetadata
{
    /// <summary>The values by key.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(RunFacts run)
    {
        var dataset = run.Dataset;
        var training = dataset.Groups.Sum(group => group.TrainingItemCount);
        var subsets = dataset.Groups.SelectMany(group => group.Subsets).ToList();
        var caption = subsets[0].Options.Caption;
        (string Key, object? Value)[] common =
        [
            ("ss_num_train_images", training),
            ("ss_num_validation_images", run.Validation?.ItemCount ?? 0),
            ("ss_num_reg_images", dataset.ItemCount - training),
            ("ss_num_batches_per_epoch", dataset.BatchesPerEpoch),
            (LoraMetadata.TagFrequencyKey, TagFrequency(subsets).ToJsonString()),
            ("ss_dataset_dirs", Folders(subsets.Where(subset => !subset.Options.IsRegularization)).ToJsonString()),
            ("ss_caption_dropout_rate", caption.DropoutRate),
            ("ss_caption_dropout_every_n_epochs", caption.DropoutEveryNEpochs),
            ("ss_caption_tag_dropout_rate", caption.TagDropoutRate),
            ("ss_validation_split", dataset.Groups[0].Options.ValidationSplit),
            ("ss_validation_seed", dataset.Groups[0].Options.ValidationSeed),
            ("ss_cache_latents", !subsets.Any(subset => subset.Options.RandomCrop)),
        ];
        var details = File.Exists(dataset.Source) ? OfConfiguration(dataset) : OfFolder(dataset.Groups[0], run.Length.BatchesPerStep);
        return common.Concat(details).Select(entry => KeyValuePair.Create(entry.Key, PythonText.Of(entry.Value)));
    }

    private static IEnumerable<(string Key, object? Value)> OfConfiguration(LoraDataset dataset) =>
        [("ss_datasets", new JsonArray([.. dataset.Groups.Select(Group)]).ToJsonString())];

    private static IEnumerable<(string Key, object? Value)> OfFolder(DatasetGroup group, int batchesPerStep)
    {
        var (options, subset) = (group.Options, group.Subsets[0].Options);
        return
        [
            (LoraMetadata.RegularizationKey, Folders(group.Subsets.Where(s => s.Options.IsRegularization)).ToJsonString()),
            ("ss_batch_size_per_device", options.BatchSize),
            ("ss_total_batch_size", options.BatchSize * batchesPerStep),
            ("ss_resolution", $"({options.Resolution!.Value.Width}, {options.Resolution.Value.Height})"),
            ("ss_color_aug", false),
            ("ss_flip_aug", subset.FlipAugmentation),
            ("ss_random_crop", subset.RandomCrop),
            ("ss_shuffle_caption", subset.Caption.Shuffle),
            ("ss_keep_tokens", subset.Caption.KeepTokens),
            ("ss_enable_bucket", options.EnableBucket),
            ("ss_bucket_no_upscale", options.BucketNoUpscale),
            ("ss_min_bucket_reso", options.MinBucketResolution),
            ("ss_max_bucket_reso", options.MaxBucketResolution),
            ("ss_bucket_info", Buckets(group).ToJsonString()),
        ];
    }

    private static JsonNode Group(DatasetGroup group) => new JsonObject
    {
        ["is_dreambooth"] = true,
        ["batch_size_per_device"] = group.Options.BatchSize,
        ["num_train_images"] = group.TrainingItemCount,
        ["num_reg_images"] = group.ItemCount - group.TrainingItemCount,
        ["resolution"] = Size(group.Options.Resolution!.Value),
        ["enable_bucket"] = group.Options.EnableBucket,
        ["min_bucket_reso"] = group.Options.MinBucketResolution,
        ["max_bucket_reso"] = group.Options.MaxBucketResolution,
        ["tag_frequency"] = TagFrequency(group.Subsets),
        ["bucket_info"] = Buckets(group),
        ["subsets"] = new JsonArray([.. group.Subsets.Select(Subset)]),
    };

    private static JsonNode Subset(DatasetSubset subset) => new JsonObject
    {
        ["img_count"] = subset.ImageCount,
        ["num_repeats"] = subset.Options.Repeats,
        ["color_aug"] = false,
        ["flip_aug"] = subset.Options.FlipAugmentation,
        ["random_crop"] = subset.Options.RandomCrop,
        ["shuffle_caption"] = subset.Options.Caption.Shuffle,
        ["keep_tokens"] = subset.Options.Caption.KeepTokens,
        ["keep_tokens_separator"] = subset.Options.Caption.KeepTokensSeparator,
        ["secondary_separator"] = subset.Options.Caption.SecondarySeparator,
        ["enable_wildcard"] = subset.Options.Caption.EnableWildcard,
        ["caption_prefix"] = subset.Options.Caption.Prefix,
        ["caption_suffix"] = subset.Options.Caption.Suffix,
        ["image_dir"] = Name(subset),
        ["class_tokens"] = subset.Options.ClassTokens,
        ["is_reg"] = subset.Options.IsRegularization,
    };

    private static JsonObject Buckets(DatasetGroup group) => new()
    {
        ["buckets"] = new JsonObject(group.Buckets.Select((bucket, index) => KeyValuePair.Create<string, JsonNode?>(
            PythonText.Of(index), new JsonObject { ["resolution"] = Size(bucket.Size), ["count"] = bucket.ItemCount }))),
        ["mean_img_ar_error"] = group.MeanRatioError,
    };

    private static JsonObject TagFrequency(IEnumerable<DatasetSubset> subsets) => ByFolder(
        subsets, subset => new JsonObject(subset.CountTags().Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, tag.Value))));

    private static JsonObject Folders(IEnumerable<DatasetSubset> subsets) => ByFolder(
        subsets, subset => new JsonObject { ["n_repeats"] = subset.Options.Repeats, ["img_count"] = subset.ImageCount });

    /// <summary>One value a folder, under its name; a second folder of the same name gets a number.</summary>
    private static JsonObject ByFolder(IEnumerable<DatasetSubset> subsets, Func<DatasetSubset, JsonNode> value)
    {
        var folders = new JsonObject();
        foreach (var subset in subsets)
        {
            var name = Name(subset);
            for (var number = 2; folders.ContainsKey(name); number++)
                name = $"{Name(subset)} ({number})";
            folders.Add(name, value(subset));
        }

        return folders;
    }

    private static JsonArray Size(ImageSize size) => [size.Width, size.Height];

    private static string Name(DatasetSubset subset) => Path.GetFileName(Path.TrimEndingDirectorySeparator(subset.Options.ImageDirectory));
}
