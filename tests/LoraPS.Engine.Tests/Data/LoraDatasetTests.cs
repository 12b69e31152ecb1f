using LoraPS.Engine.Data;

namespace LoraPS.Engine.Tests.Data;

public class LoraDatasetTests
{
    private static readonly SubsetOptions TextCaptions = new() { CaptionExtension = ".txt" };
    private static readonly DatasetOptions Small = new() { Resolution = new(64, 64) };

    public static TheoryData<int> Cases => [0, 1, 2];

    [Fact]
    public void Folder_names_give_repeats_and_class_tokens_as_the_reference_reads_them()
    {
        using var folder = new TemporaryFolder();
        var expected = DatasetFixture.Json("folders.json");
        foreach (var name in expected.GetProperty("subdirectories").EnumerateObject().Select(p => p.Name)
            .Concat(expected.GetProperty("ignored").EnumerateArray().Select(n => n.GetString()!)))
            Directory.CreateDirectory(folder.File(name));
        var events = new DatasetFixture.Events();
        var found = SubsetFolders.Find(folder.Path, new SubsetOptions(), events)
            .ToDictionary(subset => Path.GetFileName(subset.ImageDirectory), subset => (subset.Repeats, subset.ClassTokens!));
        Assert.Equal(
            expected.GetProperty("subdirectories").EnumerateObject()
                .ToDictionary(p => p.Name, p => (p.Value[0].GetInt32(), p.Value[1].GetString()!)),
            found);
        Assert.Equal(
            expected.GetProperty("ignored").EnumerateArray().Select(n => folder.File(n.GetString()!)).Order(StringComparer.Ordinal),
            events.Warnings.Where(w => w.Id == "ImageFolderIgnored").Select(w => (string)w.Target!));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Repeats_captions_buckets_and_batches_equal_the_reference(int number)
    {
        using var folder = new TemporaryFolder();
        var fixture = DatasetFixture.Json("folders.json");
        WriteTree(folder, fixture);
        var expected = fixture.GetProperty("datasets")[number];
        var options = DatasetFixture.Options(expected, expected.GetProperty("enable_bucket").GetBoolean()) with
        {
            BatchSize = expected.GetProperty("batch_size").GetInt32(),
            Subsets =
            [
                .. SubsetFolders.Find(folder.File("train"), TextCaptions),
                .. SubsetFolders.Find(folder.File("reg"), TextCaptions with { IsRegularization = true }),
            ],
        };
        var dataset = LoraDataset.Create(folder.Path, [options]);

        Assert.Equal(expected.GetProperty("batches").GetInt32(), dataset.BatchesPerEpoch);
        Assert.Equal(expected.GetProperty("num_train_images").GetInt32(), dataset.Groups[0].TrainingItemCount);
        foreach (var image in expected.GetProperty("images").EnumerateObject())
        {
            var path = image.Name.StartsWith("reg_", StringComparison.Ordinal) ? folder.File($"reg/{image.Name[4..]}") : folder.File($"train/{image.Name}");
            var entry = Assert.Single(dataset.Entries, entry => entry.Path == path);
            Assert.Equal(image.Value.GetProperty("caption").GetString(), entry.Caption);
            Assert.Equal(image.Value.GetProperty("repeats").GetInt32(), entry.Repeats);
            Assert.Equal(image.Value.GetProperty("is_reg").GetBoolean(), entry.Subset.IsRegularization);
            Assert.Equal(image.Value.GetProperty("bucket").Size(), entry.Fit.Bucket);
            Assert.Equal(image.Value.GetProperty("resized").Size(), entry.Fit.Resized);
        }

        if (expected.GetProperty("bucket_info") is { ValueKind: System.Text.Json.JsonValueKind.Object } info)
        {
            Assert.Equal(info.GetProperty("mean_img_ar_error").GetDouble(), dataset.Groups[0].MeanRatioError, 1e-12);
            Assert.Equal(
                info.GetProperty("buckets").EnumerateObject().Select(b => (b.Value.GetProperty("resolution").Size(), b.Value.GetProperty("count").GetInt32())),
                dataset.Groups[0].Buckets.Select(bucket => (bucket.Size, bucket.ItemCount)));
        }

        Assert.Equal(
            expected.GetProperty("tag_frequency").EnumerateObject().Select(f => f.Value.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32())),
            dataset.Groups[0].Subsets.Select(subset => subset.CountTags()));
    }

    [Fact]
    public void A_folder_without_numbered_folders_is_one_subset()
    {
        using var folder = new TemporaryFolder();
        DatasetFixture.WriteImage(folder.File("a.png"), 64, 64, "one");
        DatasetFixture.WriteImage(folder.File("B.PNG"), 64, 64, "two");
        DatasetFixture.WriteImage(folder.File("deeper/c.png"), 64, 64, "three");
        var dataset = LoraDataset.FromFolder(folder.Path, Small, TextCaptions with { Repeats = 3 });
        Assert.Equal(["two", "one"], dataset.Entries.Select(entry => entry.Caption));
        Assert.Equal((2, 6), (dataset.ImageCount, dataset.ItemCount));
    }

    [Fact]
    public void Pictures_beside_numbered_folders_are_left_out_with_a_warning()
    {
        using var folder = new TemporaryFolder();
        DatasetFixture.WriteImage(folder.File("loose.png"), 64, 64);
        DatasetFixture.WriteImage(folder.File("2_cat/a.png"), 64, 64);
        var events = new DatasetFixture.Events();
        var dataset = LoraDataset.FromFolder(folder.Path, Small, events: events);
        Assert.Equal("cat", Assert.Single(dataset.Entries).Caption);
        Assert.Equal("ImagesIgnored", Assert.Single(events.Warnings).Id);
    }

    [Fact]
    public void Unreadable_pictures_are_left_out_told_and_counted()
    {
        using var folder = new TemporaryFolder();
        DatasetFixture.WriteImage(folder.File("good.png"), 64, 64, "good");
        File.WriteAllText(folder.File("text.png"), "not a picture");
        File.WriteAllBytes(folder.File("cut.jpg"), [0xFF, 0xD8, 0xFF]);
        File.WriteAllBytes(folder.File("empty.webp"), []);
        var events = new DatasetFixture.Events();
        var dataset = LoraDataset.FromFolder(folder.Path, Small, TextCaptions, events);
        Assert.Equal(1, dataset.ImageCount);
        Assert.Equal(["cut.jpg", "empty.webp", "text.png"], dataset.Skipped.Select(image => Path.GetFileName(image.Path)));
        Assert.Equal(dataset.Skipped.Select(image => image.Path), events.Warnings.Where(w => w.Id == "ImageUnreadable").Select(w => w.Target));
        Assert.All(events.Warnings, warning => Assert.Contains(folder.Path, warning.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_picture_smaller_than_a_step_is_left_out_where_it_must_not_be_enlarged()
    {
        using var folder = new TemporaryFolder();
        DatasetFixture.WriteImage(folder.File("a.png"), 64, 64);
        DatasetFixture.WriteImage(folder.File("b.png"), 200, 63);
        var events = new DatasetFixture.Events();
        var dataset = LoraDataset.FromFolder(folder.Path, Small with { EnableBucket = true, BucketNoUpscale = true }, events: events);
        Assert.Equal(1, dataset.ImageCount);
        Assert.Contains(events.Warnings, warning => warning.Id == "ImageTooSmall" && (string)warning.Target! == folder.File("b.png"));
    }

    [Fact]
    public void Pictures_without_caption_are_told_once_with_a_hint_at_other_endings()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 7; i++)
            DatasetFixture.WriteImage(folder.File($"{i}.png"), 64, 64, "a caption");
        var events = new DatasetFixture.Events();
        LoraDataset.FromFolder(folder.Path, Small, events: events);
        var warning = Assert.Single(events.Warnings);
        Assert.Equal("CaptionMissing", warning.Id);
        Assert.Contains("7 pictures", warning.Message, StringComparison.Ordinal);
        Assert.Contains(".txt", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<EmptyDatasetException>(() => LoraDataset.FromFolder(folder.Path, Small));
        Assert.Equal("DatasetEmpty", error.ErrorId);
        Assert.Equal(folder.Path, error.Target);
        Assert.Contains(".png", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ImageFolderNotFoundException>(() => LoraDataset.FromFolder(folder.File("none"), Small));
        Assert.Equal(("ImageFolderNotFound", folder.File("none")), (error.ErrorId, error.Path));
    }

    [Theory]
    [InlineData("resolution", 0, 64, 64)]
    [InlineData("bucket sizes", 512, 4, 256)]
    [InlineData("shortest side", 128, 64, 256)]
    [InlineData("longest side", 2048, 64, 256)]
    public void Options_that_do_not_fit_together_are_refused(string part, int resolution, int steps, int min)
    {
        using var folder = new TemporaryFolder();
        var options = new DatasetOptions
        {
            Resolution = new(resolution, resolution), EnableBucket = true, BucketResolutionSteps = steps, MinBucketResolution = min,
        };
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => LoraDataset.FromFolder(folder.Path, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_follows_the_data_and_not_the_place()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        foreach (var folder in new[] { first, second })
            DatasetFixture.WriteImage(folder.File("5_cat/a.png"), 96, 64, "cat");
        string Of(TemporaryFolder folder, DatasetOptions? options = null) =>
            LoraDataset.FromFolder(folder.Path, options ?? Small, TextCaptions).Fingerprint;

        Assert.Equal(Of(first), Of(second));
        Assert.NotEqual(Of(first), Of(first, Small with { BatchSize = 2 }));
        File.WriteAllText(second.File("5_cat/a.txt"), "dog");
        Assert.NotEqual(Of(first), Of(second));
    }

    [Fact]
    public void Pictures_that_turn_out_unreadable_leave_and_regularisation_is_balanced_anew()
    {
        using var folder = new TemporaryFolder();
        DatasetFixture.WriteImage(folder.File("train/3_cat/a.png"), 64, 64);
        DatasetFixture.WriteImage(folder.File("train/3_cat/b.png"), 64, 64);
        DatasetFixture.WriteImage(folder.File("reg/1_pet/r.png"), 64, 64);
        var dataset = LoraDataset.Create(folder.Path, [Small with
        {
            Subsets = [.. SubsetFolders.Find(folder.File("train"), new()), .. SubsetFolders.Find(folder.File("reg"), new() { IsRegularization = true })],
        }]);
        Assert.Equal([3, 3, 6], dataset.Entries.Select(entry => entry.Repeats));
        var rest = dataset.Without([new SkippedImage(folder.File("train/3_cat/a.png"), "cut short")]);
        Assert.Equal([3, 3], rest.Entries.Select(entry => entry.Repeats));
        Assert.Single(rest.Skipped);
        Assert.Throws<EmptyDatasetException>(() => rest.Without([new SkippedImage(folder.File("train/3_cat/b.png"), "cut short")]));
    }

    [Fact]
    public void The_example_pictures_are_a_data_set()
    {
        var events = new DatasetFixture.Events();
        var dataset = LoraDataset.FromFolder(Path.Combine(TestFiles.RepositoryRoot, "examples", "images"), Small, TextCaptions, events);
        Assert.Empty(events.All);
        Assert.Equal(12, dataset.ImageCount);
        Assert.All(dataset.Entries, entry => Assert.Contains(" zorb ", entry.Caption, StringComparison.Ordinal));
        Assert.InRange(dataset.Entries.Sum(entry => entry.FileLength), 1, 200_000);
    }

    private static void WriteTree(TemporaryFolder folder, System.Text.Json.JsonElement fixture)
    {
        foreach (var directory in fixture.GetProperty("tree").EnumerateObject())
        {
            var name = directory.Name.StartsWith("reg:", StringComparison.Ordinal) ? $"reg/{directory.Name[4..]}" : $"train/{directory.Name}";
            foreach (var image in directory.Value.EnumerateArray())
                DatasetFixture.WriteImage(folder.File($"{name}/{image[0].GetString()}"), image[1].GetInt32(), image[2].GetInt32(), image[3].GetString());
        }
    }
}
