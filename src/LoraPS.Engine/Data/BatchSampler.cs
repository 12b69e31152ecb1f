using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Puts the pictures of a data set in the order of an epoch.</summary>
/// <remarks>
/// As in sd-scripts 48d368fa (<c>library/train_util.py</c>, BucketManager.shuffle) the pictures of each bucket are shuffled
/// and cut into batches, and the batches of all buckets are shuffled. Every draw is a pure function of seed and epoch, so
/// an epoch can be taken up at any of its batches.
/// </remarks>
public static class BatchSampler
{
    /// <summary>The batches of an epoch. No batch mixes buckets; the last one of a bucket may be smaller.</summary>
    /// <param name="dataset">The pictures.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">Epoch number, the first one is 1.</param>
    /// <param name="schedule">Steps of the run, for captions that grow with them.</param>
    public static IReadOnlyList<TrainingBatch> Epoch(LoraDataset dataset, long seed, int epoch, StepSchedule schedule = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(epoch, 1);
        var batches = new List<TrainingBatch>();
        var firstItem = 0;
        foreach (var (index, draws) in DrawOrder(dataset, new CounterRandom(seed, RandomPurpose.Order, epoch)).Index())
        {
            var moment = schedule.MomentOf(epoch, index, dataset.BatchesPerEpoch);
            var items = draws.Select((entry, place) => MakeItem(dataset, entry, firstItem + place, seed, moment)).ToList();
            batches.Add(new TrainingBatch(items[0].Entry.Fit.Bucket, items));
            firstItem += items.Count;
        }

        return batches;
    }

    /// <summary>Batches of places in <see cref="LoraDataset.Entries"/>.</summary>
    private static List<int[]> DrawOrder(LoraDataset dataset, CounterRandom random)
    {
        var batches = new List<int[]>();
        var firstEntry = 0;
        foreach (var group in dataset.Groups)
        {
            foreach (var bucket in group.Entries.Index().GroupBy(entry => entry.Item.Fit.Bucket))
            {
                var draws = bucket.SelectMany(entry => Enumerable.Repeat(firstEntry + entry.Index, entry.Item.Repeats)).ToList();
                random.Shuffle(draws);
                batches.AddRange(draws.Chunk(group.Options.BatchSize));
            }

            firstEntry += group.ImageCount;
        }

        random.Shuffle(batches);
        return batches;
    }

    private static BatchItem MakeItem(LoraDataset dataset, int entryIndex, int itemIndex, long seed, CaptionMoment moment)
    {
        var entry = dataset.Entries[entryIndex];
        CounterRandom RandomFor(RandomPurpose purpose) => new(seed, purpose, moment.Epoch, itemIndex);
        return new BatchItem(
            entry,
            entryIndex,
            itemIndex,
            entry.Subset.FlipAugmentation && RandomFor(RandomPurpose.Flip).NextInt(2) == 1,
            entry.Subset.RandomCrop ? DrawCrop(entry.Fit.Excess, RandomFor(RandomPurpose.Crop)) : entry.Fit.Centre,
            CaptionProcessor.Process(entry.Caption, entry.Subset.Caption, moment, RandomFor(RandomPurpose.Caption)));
    }

    private static CropOffset DrawCrop(ImageSize excess, CounterRandom random)
    {
        var top = random.NextInt(excess.Height + 1);
        return new CropOffset(random.NextInt(excess.Width + 1), top);
    }
}
