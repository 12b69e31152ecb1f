using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Parts the pictures that a run learns from and those on which it only measures its loss.</summary>
/// <remarks>
/// Sizes as sd-scripts 48d368fa (split_train_val): of a folder's shuffled pictures the first ⌈n·(1 − s)⌉ are trained and the
/// last round(n·s) validated, so one picture may be in both. Other than there, both parts are cut from one order, which the
/// seed decides, and they can share no more than that.
/// </remarks>
public static class ValidationSplit
{
    /// <summary>How many of so many pictures are trained, and how many are validated.</summary>
    /// <param name="pictures">Pictures of a folder.</param>
    /// <param name="split">Share of them that is validated, 0 to 1.</param>
    public static (int Training, int Validation) Sizes(int pictures, double split) =>
        ((int)Math.Ceiling(pictures * (1 - split)), (int)Math.Round(pictures * split, MidpointRounding.ToEven));

    /// <summary>The two parts of a group. Regularisation pictures are trained only; the others are validated once each.</summary>
    internal static (DatasetGroup Training, DatasetGroup Validation) Part(DatasetGroup group, long seed)
    {
        var parts = group.Subsets.Select((subset, index) => Part(
            subset, group.Options.ValidationSplit, new CounterRandom(group.Options.ValidationSeed ?? seed, RandomPurpose.ValidationSplit, item: index))).ToList();
        return (
            DatasetGroup.Create(group.Options, [.. parts.Select(part => part.Training)]),
            DatasetGroup.Create(group.Options, [.. parts.Select(part => part.Validation)]));
    }

    private static (DatasetSubset Training, DatasetSubset Validation) Part(DatasetSubset subset, double split, CounterRandom random)
    {
        var measured = new SubsetPart(subset, subset.Options with { Repeats = 1 });
        if (split == 0 || subset.Options.IsRegularization)
            return (subset, measured.Of([]));
        var order = subset.Images.ToList();
        random.Shuffle(order);
        var (training, validation) = Sizes(order.Count, split);
        return (new SubsetPart(subset, subset.Options).Of(order.Take(training)), measured.Of(order.TakeLast(validation)));
    }

    /// <summary>Takes pictures of a folder, in the folder's order.</summary>
    private sealed record SubsetPart(DatasetSubset Whole, SubsetOptions Options)
    {
        public DatasetSubset Of(IEnumerable<ScannedImage> images)
        {
            var taken = images.ToHashSet();
            return new DatasetSubset(Options, [.. Whole.Images.Where(taken.Contains)]);
        }
    }
}
