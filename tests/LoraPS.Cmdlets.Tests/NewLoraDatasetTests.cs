using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class NewLoraDatasetTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_folder_becomes_a_data_set()
    {
        var dataset = _session.Run($"New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64 -Repeats 4 -BatchSize 4").Single();

        Assert.Equal("LoraPS.Engine.Data.LoraDataset", dataset.BaseObject.GetType().FullName);
        object?[] expected = [12, 48, 12, TestFiles.Images];
        string[] names = ["ImageCount", "ItemCount", "BatchesPerEpoch", "Source"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(dataset, name)));
    }

    [Theory]
    [InlineData("-Resolution 64", "64x64")]
    [InlineData("-Resolution 64,128", "64x128")]
    [InlineData("-Resolution '64,128'", "64x128")]
    [InlineData("-Resolution 64x128", "64x128")]
    [InlineData("", "512x512")]
    public void A_resolution_is_written_in_several_ways(string parameters, string resolution)
    {
        Assert.Equal([resolution], _session.Run($"(New-LoraDataset '{TestFiles.Images}' {parameters}).Groups.Options.Resolution").Lines);
    }

    [Fact]
    public void The_options_of_the_reference_are_parameters_too()
    {
        var result = _session.Run($"""
            $set = New-LoraDataset -train_data_dir '{TestFiles.Images}' -resolution 64 -train_batch_size 3 -caption_extension .txt -shuffle_caption `
                -keep_tokens 1 -caption_dropout_rate 0.25 -caption_tag_dropout_rate 0.5 -caption_dropout_every_n_epochs 2 -token_warmup_min 2 -token_warmup_step 10 `
                -secondary_separator ';;;' -caption_prefix a -caption_suffix z -enable_wildcard -flip_aug -enable_bucket -bucket_reso_steps 32 -min_bucket_reso 32 -max_bucket_reso 128
            $one = $set.Entries[0].Subset
            $one.Caption
            "$($set.Groups[0].Options.BatchSize) $($one.FlipAugmentation) $($set.Groups[0].Options.EnableBucket) $($set.Groups[0].Options.BucketResolutionSteps)"
            """);

        result.AssertNoErrors();
        object?[] expected = [true, 1, 0.25, 0.5, 2, 2, 10.0, ";;;", "a", "z", true];
        string[] names = ["Shuffle", "KeepTokens", "DropoutRate", "TagDropoutRate", "DropoutEveryNEpochs", "TokenWarmupMin", "TokenWarmupStep", "SecondarySeparator", "Prefix", "Suffix", "EnableWildcard"];
        Assert.Equal(expected, names.Select(name => SessionResult.Value(result.Output[0], name)));
        Assert.Equal("3 True True 32", $"{result.Output[1]}");
    }

    [Fact]
    public void Folders_come_through_the_pipeline_too()
    {
        Assert.Equal(["12", "12"], _session.Run($"'{TestFiles.Images}' | New-LoraDataset | ForEach-Object ImageCount; Get-Item '{TestFiles.Images}' | New-LoraDataset | ForEach-Object ImageCount").Lines);
    }

    [Fact]
    public void A_configuration_counts_before_parameters_and_parameters_before_defaults()
    {
        Config("""
            [[datasets]]
            batch_size = 2
              [[datasets.subsets]]
              image_dir = "IMAGES"
              num_repeats = 3
            """);

        var result = _session.Run("$set = New-LoraDataset -ConfigPath set.toml -Resolution 64 -BatchSize 6 -CaptionExtension .txt; $set.Groups[0].Options.BatchSize; $set.ItemCount; $set.Groups[0].Options.Resolution", _folder);

        result.AssertNoErrors();
        Assert.Equal(["2", "36", "64x64"], result.Lines);
    }

    [Fact]
    public void A_configuration_has_no_resolution_but_one_that_is_given()
    {
        Config("[[datasets]]\n[[datasets.subsets]]\nimage_dir = 'IMAGES'\n");

        _session.Run("New-LoraDataset -ConfigPath set.toml", _folder).AssertError("DatasetConfigInvalid", ErrorCategory.InvalidData, _folder.File("set.toml"));
    }

    [Fact]
    public void Regularisation_pictures_come_from_a_folder_of_their_own()
    {
        Directory.CreateDirectory(_folder.File("reg/1_cat"));
        File.Copy(Directory.EnumerateFiles(TestFiles.Images, "*.png").Order(StringComparer.Ordinal).First(), _folder.File("reg/1_cat/a.png"));

        var result = _session.Run($"$set = New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64 -reg_data_dir reg; $reg = $set.Entries | Where-Object {{ $_.Subset.IsRegularization }}; $reg.Caption; $reg.Repeats; $set.ItemCount - 2 * $reg.Repeats", _folder);

        result.AssertNoErrors();
        Assert.Equal(["cat", "12", "0"], result.Lines);
    }

    [Fact]
    public void An_option_that_is_not_supported_yet_is_told_from_a_mistake()
    {
        Config("[[datasets]]\nresolution = 64\n[[datasets.subsets]]\nimage_dir = 'IMAGES'\ncolor_aug = true\n");

        _session.Run("New-LoraDataset -dataset_config set.toml", _folder).AssertError("DatasetOptionUnsupported", ErrorCategory.NotImplemented, _folder.File("set.toml"));
    }

    [Fact]
    public void A_folder_without_pictures_or_without_being_there_is_an_error_and_the_next_is_still_read()
    {
        var result = _session.Run($"New-LoraDataset '{_folder.Path}', missing, '{TestFiles.Images}'", _folder);

        Assert.Equal(["DatasetEmpty", "ImageFolderNotFound"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(result.Errors, error => Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category));
        Assert.Single(result.Output);
    }

    [Fact]
    public void Pictures_without_captions_are_warned_of()
    {
        Assert.Contains("caption", Assert.Single(_session.Run($"New-LoraDataset '{TestFiles.Images}'").Warnings), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private void Config(string text) => File.WriteAllText(_folder.File("set.toml"), text.Replace("IMAGES", TestFiles.Images, StringComparison.Ordinal));
}
