using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;

namespace LoraPS.Engine.Tests.Data;

public sealed class DatasetConfigReaderTests : IDisposable
{
    private const string Minimal = """
        [[datasets]]
        resolution = 512
        [[datasets.subsets]]
        image_dir = "cat"
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_value_counts_before_those_of_the_levels_above()
    {
        var groups = Read("set.toml", """
            [general]
            keep_tokens = 1
            shuffle_caption = true
            caption_extension = ".txt"
            batch_size = 2

            [[datasets]]
            resolution = [768, 512]
            enable_bucket = true
            keep_tokens = 2

              [[datasets.subsets]]
              image_dir = "a"
              num_repeats = 10
              keep_tokens = 3
              shuffle_caption = false

              [[datasets.subsets]]
              image_dir = "/b"
              class_tokens = "cat"
              is_reg = true

            [[datasets]]
            resolution = 256
            batch_size = 8
              [[datasets.subsets]]
              image_dir = "c"
            """);

        Assert.Equal([new ImageSize(768, 512), new ImageSize(256, 256)], groups.Select(group => group.Resolution!.Value));
        Assert.Equal([2, 8], groups.Select(group => group.BatchSize));
        Assert.Equal([true, false], groups.Select(group => group.EnableBucket));
        var subsets = groups.SelectMany(group => group.Subsets).ToList();
        Assert.Equal([_folder.File("a"), "/b", _folder.File("c")], subsets.Select(subset => subset.ImageDirectory));
        Assert.Equal([3, 2, 1], subsets.Select(subset => subset.Caption.KeepTokens));
        Assert.Equal([false, true, true], subsets.Select(subset => subset.Caption.Shuffle));
        Assert.Equal([10, 1, 1], subsets.Select(subset => subset.Repeats));
        Assert.Equal([null, "cat", null], subsets.Select(subset => subset.ClassTokens));
        Assert.Equal([false, true, false], subsets.Select(subset => subset.IsRegularization));
        Assert.All(subsets, subset => Assert.Equal(".txt", subset.CaptionExtension));
    }

    [Fact]
    public void Defaults_count_where_the_file_is_silent_and_false_is_not_silence()
    {
        File.WriteAllText(_folder.File("set.toml"), "[general]\nflip_aug = false\nkeep_tokens = 0\n" + Minimal);
        var group = Assert.Single(DatasetConfigReader.Read(
            _folder.File("set.toml"),
            new DatasetOptions { BatchSize = 4, Resolution = new(64, 64) },
            new SubsetOptions { FlipAugmentation = true, Repeats = 7, Caption = new() { KeepTokens = 5, Shuffle = true } }));
        Assert.Equal((4, new ImageSize(512, 512)), (group.BatchSize, group.Resolution));
        var subset = Assert.Single(group.Subsets);
        Assert.Equal((false, 7, 0, true), (subset.FlipAugmentation, subset.Repeats, subset.Caption.KeepTokens, subset.Caption.Shuffle));
    }

    [Fact]
    public void Without_defaults_the_values_are_those_of_the_reference()
    {
        var group = Assert.Single(Read("set.toml", Minimal));
        Assert.Equal(
            (1, false, 256, 1024, 64, false),
            (group.BatchSize, group.EnableBucket, group.MinBucketResolution, group.MaxBucketResolution, group.BucketResolutionSteps, group.BucketNoUpscale));
        Assert.Equal(new SubsetOptions { ImageDirectory = _folder.File("cat"), CaptionExtension = ".caption" }, Assert.Single(group.Subsets));
    }

    [Fact]
    public void Every_option_is_read()
    {
        const string values = """
            min_bucket_reso = 128
            max_bucket_reso = 768
            bucket_reso_steps = 32
            bucket_no_upscale = true
            enable_bucket = true
            resize_interpolation = "bicubic"
            caption_separator = ";"
            keep_tokens_separator = "|||"
            secondary_separator = ";;"
            enable_wildcard = true
            caption_prefix = "p"
            caption_suffix = "s"
            caption_dropout_rate = 0.25
            caption_dropout_every_n_epochs = 3
            caption_tag_dropout_rate = 1
            token_warmup_min = 2
            token_warmup_step = 0.5
            flip_aug = true
            random_crop = true
            network_multiplier = 1.0
            validation_split = 0.25
            validation_seed = 7
            color_aug = false
            cache_info = false
            custom_attributes = {}

            """;
        var group = Assert.Single(Read("set.toml", "[general]\n" + values + Minimal));
        Assert.Equal(
            new DatasetOptions
            {
                Resolution = new(512, 512), EnableBucket = true, MinBucketResolution = 128, MaxBucketResolution = 768, BucketResolutionSteps = 32,
                BucketNoUpscale = true, ValidationSplit = 0.25, ValidationSeed = 7, Subsets = group.Subsets,
            },
            group);
        Assert.Equal(
            new SubsetOptions
            {
                ImageDirectory = _folder.File("cat"), FlipAugmentation = true, RandomCrop = true, Interpolation = ResizeInterpolation.Bicubic,
                Caption = new()
                {
                    Separator = ";", KeepTokensSeparator = "|||", SecondarySeparator = ";;", EnableWildcard = true, Prefix = "p", Suffix = "s",
                    DropoutRate = 0.25, DropoutEveryNEpochs = 3, TagDropoutRate = 1, TokenWarmupMin = 2, TokenWarmupStep = 0.5,
                },
            },
            Assert.Single(group.Subsets));
    }

    [Fact]
    public void Json_and_all_ways_to_write_toml_mean_the_same()
    {
        const string inline = """
            general.shuffle_caption = true
            datasets = [ { resolution = 512, batch_size = 3, subsets = [ { image_dir = "cat", caption_prefix = "ä" } ] } ]
            """;
        const string json = """
            { "general": { "shuffle_caption": true },
              "datasets": [ { "resolution": 512, "batch_size": 3, "subsets": [ { "image_dir": "cat", "caption_prefix": "ä" } ] } ] }
            """;
        var fromToml = Assert.Single(Read("set.toml", inline));
        var fromJson = Assert.Single(Read("set.JSON", json));
        Assert.Equal(3, fromToml.BatchSize);
        Assert.True(Assert.Single(fromToml.Subsets) is { Caption: { Shuffle: true, Prefix: "ä" } });
        Assert.Equal(fromToml.Subsets, fromJson.Subsets);
        Assert.Equal(fromToml with { Subsets = [] }, fromJson with { Subsets = [] });
    }

    [Theory]
    [InlineData("[general]\nshufle_caption = true", 2, 1, "'shufle_caption'", "'shuffle_caption'")]
    [InlineData("[general]\n  image_dir = 'x'", 2, 3, "[general]", "[[datasets.subsets]]")]
    [InlineData("[general]\nimage_dirs = 'x'", 2, 1, "'image_dir'", "[[datasets.subsets]]")]
    [InlineData("[general]\ntrain_batch_size = 2", 2, 1, "'batch_size'", "[general] or [[datasets]]")]
    [InlineData("[general]\nmax_token_length = 225", 2, 1, "training")]
    [InlineData("[general]\nqwertz = 1", 2, 1, "'qwertz'", "Remove")]
    [InlineData("[generel]\nkeep_tokens = 1", 1, 1, "'general'")]
    [InlineData("resolution = 512", 1, 1, "[general] or [[datasets]]")]
    [InlineData("[general]\nkeep_tokens = '1'", 2, 1, "a whole number", "'1'")]
    [InlineData("[general]\nkeep_tokens = true", 2, 1, "a whole number", "true")]
    [InlineData("[general]\nkeep_tokens = 1.5", 2, 1, "a whole number", "1.5")]
    [InlineData("[general]\nflip_aug = 1", 2, 1, "true or false")]
    [InlineData("[general]\ncaption_dropout_rate = 1.5", 2, 1, "from 0 to 1")]
    [InlineData("[general]\nbatch_size = 0", 2, 1, "at least 1")]
    [InlineData("[general]\nresize_interpolation = 'sharp'", 2, 1, "\"lanczos\"")]
    [InlineData("[general]\nenable_bucket = true\nmax_bucket_reso = 448", 3, 1, "448", "512x512")]
    [InlineData("general = 5", 1, 11, "[general]", "5")]
    [InlineData("[general]\nflip_aug = yes", 2, 12, "TOML")]
    [InlineData("[general]\nflip_aug = true\nflip_aug = false", 3, 1, "TOML")]
    public void A_mistake_is_told_with_its_place(string mistake, int line, int column, params string[] parts)
    {
        var error = Assert.Throws<DatasetConfigException>(() => Read("set.toml", mistake + "\n" + Minimal));
        Assert.Equal(("DatasetConfigInvalid", _folder.File("set.toml")), (error.ErrorId, error.Target));
        Assert.Equal((line, column), (error.Problems[0].Line, error.Problems[0].Column));
        Assert.All(parts, part => Assert.Contains(part, error.Problems[0].Message, StringComparison.Ordinal));
        Assert.Contains($"line {line}, column {column}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "[[datasets]]")]
    [InlineData("[datasets]\nresolution = 512", "double brackets")]
    [InlineData("[[datasets]]\nresolution = 512", "[[datasets.subsets]]")]
    [InlineData("[[datasets]]\nresolution = [512]\n[[datasets.subsets]]\nimage_dir = 'a'", "[width, height]")]
    [InlineData("[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'a'", "no resolution")]
    [InlineData("[[datasets]]\nresolution = 512\n[[datasets.subsets]]", "no image_dir")]
    public void What_is_missing_is_told(string toml, string part)
    {
        var problem = Assert.Single(Assert.Throws<DatasetConfigException>(() => Read("set.toml", toml)).Problems);
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_together_in_the_order_of_the_file()
    {
        var error = Assert.Throws<DatasetConfigException>(() => Read("set.toml", """
            [general]
            colour_aug = true
            [[datasets]]
            resolution = 510
            [[datasets.subsets]]
            image_dir = 5
            color_aug = true
            """));
        Assert.Equal("DatasetConfigInvalid", error.ErrorId);
        Assert.Equal([2, 4, 6, 7], error.Problems.Select(problem => problem.Line));
        Assert.Equal(["colour_aug", "resolution", "image_dir", "color_aug"], error.Problems.Select(problem => problem.Key));
        Assert.Equal([false, false, false, true], error.Problems.Select(problem => problem.IsUnsupported));
    }

    [Theory]
    [InlineData("color_aug = true")]
    [InlineData("face_crop_aug_range = [2.0, 4.0]")]
    [InlineData("metadata_file = 'meta.json'")]
    [InlineData("custom_attributes = { a = 1 }")]
    public void An_option_that_is_not_supported_yet_is_never_ignored(string option)
    {
        var error = Assert.Throws<DatasetConfigException>(() => Read("set.toml", $"{Minimal}\n{option}"));
        Assert.Equal("DatasetOptionUnsupported", error.ErrorId);
        Assert.StartsWith(option.Split(' ')[0], Assert.Single(error.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n \"datasets\": [}", 2, 15, "JSON")]
    [InlineData("", 1, 1, "JSON")]
    [InlineData("[]", 1, 1, "one JSON object")]
    [InlineData("{ \"datasets\": [ { \"resolution\": 512,\n \"ä\": 1, \"resolution\": 256, \"subsets\": [ { \"image_dir\": \"a\" } ] } ] }", 2, 10, "twice")]
    [InlineData("{ \"datasets\": [ { \"resolution\": 512,\n \"batch_sice\": 1, \"subsets\": [ { \"image_dir\": \"a\" } ] } ] }", 2, 2, "'batch_size'")]
    [InlineData("{ \"datasets\": [ { \"resolution\": null, \"subsets\": [ { \"image_dir\": \"a\" } ] } ] }", 1, 19, "null")]
    public void A_mistake_in_json_is_told_with_its_place(string json, int line, int column, string part)
    {
        var problem = Assert.Single(Assert.Throws<DatasetConfigException>(() => Read("set.json", json)).Problems);
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_kind_or_none_is_an_error_that_names_it()
    {
        Assert.Contains(".toml or .json", Assert.Throws<DatasetConfigException>(() => Read("set.yaml", "")).Message, StringComparison.Ordinal);
        Assert.Equal(_folder.File("none.toml"), Assert.Throws<ConfigFileNotFoundException>(() => DatasetConfigReader.Read(_folder.File("none.toml"))).Target);
    }

    [Fact]
    public void A_data_set_is_made_from_a_configuration()
    {
        DatasetFixture.WriteImage(_folder.File("cat/1.png"), 64, 64, "a cat");
        DatasetFixture.WriteImage(_folder.File("dog/2.png"), 96, 64, "a dog");
        File.WriteAllText(_folder.File("set.toml"), """
            [general]
            caption_extension = "txt"
            [[datasets]]
            resolution = 64
            batch_size = 2
            [[datasets.subsets]]
            image_dir = "cat"
            num_repeats = 3
            [[datasets]]
            resolution = [96, 64]
            [[datasets.subsets]]
            image_dir = "dog"
            """);
        var dataset = LoraDataset.FromConfig(_folder.File("set.toml"));
        Assert.Equal(["a cat", "a dog"], dataset.Entries.Select(entry => entry.Caption));
        Assert.Equal((2, 4, 3), (dataset.ImageCount, dataset.ItemCount, dataset.BatchesPerEpoch));
        Assert.Equal(_folder.File("set.toml"), dataset.Source);
    }

    private IReadOnlyList<DatasetOptions> Read(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return DatasetConfigReader.Read(_folder.File(name));
    }
}
