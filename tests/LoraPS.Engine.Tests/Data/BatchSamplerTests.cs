using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LoraPS.Engine.Data;

namespace LoraPS.Engine.Tests.Data;

public sealed class BatchSamplerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Property(MaxTest = 25)]
    public void Every_picture_is_seen_as_often_as_it_repeats_in_batches_of_one_bucket(long seed, PositiveInt epoch, PositiveInt batchSize)
    {
        var dataset = MakeDataset(batchSize.Get % 5 + 1, new SubsetOptions());
        var batches = BatchSampler.Epoch(dataset, seed, epoch.Get);

        Assert.Equal(dataset.BatchesPerEpoch, batches.Count);
        var items = batches.SelectMany(batch => batch.Items).ToList();
        Assert.Equal(Enumerable.Range(0, dataset.ItemCount), items.Select(item => item.ItemIndex));
        Assert.All(items, item => Assert.Same(dataset.Entries[item.EntryIndex], item.Entry));
        Assert.All(dataset.Entries.Index(), entry => Assert.Equal(entry.Item.Repeats, items.Count(item => item.EntryIndex == entry.Index)));
        Assert.All(batches, batch => Assert.All(batch.Items, item => Assert.Equal(batch.Bucket, item.Entry.Fit.Bucket)));
        Assert.All(dataset.Groups, group => Assert.All(group.Buckets, bucket => Assert.Equal(
            bucket.ItemCount / group.Options.BatchSize,
            batches.Count(batch => batch.Bucket == bucket.Size && group.Entries.Contains(batch.Items[0].Entry, ReferenceEqualityComparer.Instance) && batch.Items.Count == group.Options.BatchSize))));
    }

    [Fact]
    public void An_epoch_is_a_function_of_seed_and_number()
    {
        var dataset = MakeDataset(2, Random);
        var epoch = BatchSampler.Epoch(dataset, 7, 3);
        Assert.Equal(Describe(epoch), Describe(BatchSampler.Epoch(MakeDataset(2, Random), 7, 3)));
        Assert.NotEqual(Describe(epoch), Describe(BatchSampler.Epoch(dataset, 8, 3)));
        Assert.NotEqual(Describe(epoch), Describe(BatchSampler.Epoch(dataset, 7, 4)));
    }

    [Fact]
    public void Flips_are_half_of_the_draws_and_crops_reach_both_ends()
    {
        var dataset = MakeDataset(2, Random);
        var items = Enumerable.Range(1, 40).SelectMany(epoch => BatchSampler.Epoch(dataset, 1, epoch)).SelectMany(batch => batch.Items).ToList();
        Assert.InRange(items.Count(item => item.Flipped) / (double)items.Count, 0.45, 0.55);
        foreach (var draws in items.GroupBy(item => item.Entry))
        {
            var excess = draws.Key.Fit.Excess;
            Assert.Equal((0, excess.Width), (draws.Min(item => item.Crop.Left), draws.Max(item => item.Crop.Left)));
            Assert.Equal((0, excess.Height), (draws.Min(item => item.Crop.Top), draws.Max(item => item.Crop.Top)));
        }
    }

    [Fact]
    public void Without_augmentation_pictures_stay_upright_and_in_the_middle()
    {
        var items = BatchSampler.Epoch(MakeDataset(2, new SubsetOptions()), 1, 1).SelectMany(batch => batch.Items);
        Assert.All(items, item => Assert.Equal((false, item.Entry.Fit.Centre), (item.Flipped, item.Crop)));
    }

    [Fact]
    public void Captions_grow_with_the_optimizer_steps()
    {
        var warmup = new SubsetOptions { ClassTokens = "a, b, c, d, e", Caption = new() { TokenWarmupStep = 0.5 } };
        var dataset = MakeDataset(1, warmup);
        var schedule = new StepSchedule(MaxTrainSteps: dataset.BatchesPerEpoch, BatchesPerStep: 2);
        var first = BatchSampler.Epoch(dataset, 1, 1, schedule);
        Assert.Equal(["a", "a"], first.Take(2).Select(batch => batch.Items[0].Caption));
        Assert.Equal("a, b, c, d, e", BatchSampler.Epoch(dataset, 1, 2, schedule)[^1].Items[0].Caption);
        Assert.True(first.Zip(first.Skip(1)).All(pair => pair.First.Items[0].Caption.Length <= pair.Second.Items[0].Caption.Length));
    }

    private static SubsetOptions Random => new()
    {
        FlipAugmentation = true, RandomCrop = true, ClassTokens = "a, b, c", Caption = new() { Shuffle = true },
    };

    /// <summary>Three small buckets in two groups, of pictures that need a few pixels of cropping.</summary>
    private LoraDataset MakeDataset(int batchSize, SubsetOptions subset)
    {
        foreach (var (index, size) in new[] { (66, 64), (64, 67), (130, 64), (64, 130), (129, 65) }.Index())
            DatasetFixture.WriteImage(_folder.File($"{index % 2 + 2}_x/{index}.png"), size.Item1, size.Item2);
        var options = new DatasetOptions
        {
            Resolution = new(64, 64), BatchSize = batchSize, EnableBucket = true, MinBucketResolution = 32, BucketResolutionSteps = 8,
            Subsets = SubsetFolders.Find(_folder.Path, subset),
        };
        options = options with { Subsets = [.. options.Subsets.Select(s => s with { ClassTokens = subset.ClassTokens })] };
        return LoraDataset.Create(_folder.Path, [options, options with { EnableBucket = false, BatchSize = batchSize + 1 }]);
    }

    private static string Describe(IReadOnlyList<TrainingBatch> batches) => string.Join('\n', batches.SelectMany(batch => batch.Items)
        .Select(item => $"{Path.GetFileName(item.Entry.Path)} {item.ItemIndex} {item.Flipped} {item.Crop} {item.Caption}"));
}
