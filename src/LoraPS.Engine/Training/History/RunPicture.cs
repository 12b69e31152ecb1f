using LoraPS.Engine.Data;

namespace LoraPS.Engine.Training.History;

/// <summary>A picture of a run's data set, as its log tells it.</summary>
/// <param name="Path">Full path at the time of the run.</param>
/// <param name="Caption">Caption as its file says it.</param>
/// <param name="Width">Pixels of the upright picture.</param>
/// <param name="Height">Pixels of the upright picture.</param>
/// <param name="BucketWidth">Pixels it is trained at.</param>
/// <param name="BucketHeight">Pixels it is trained at.</param>
/// <param name="Repeats">How often it is seen in an epoch.</param>
/// <param name="Use">What it is for.</param>
public sealed record RunPicture(
    string Path, string Caption, int Width, int Height, int BucketWidth, int BucketHeight, int Repeats, PictureUse Use)
{
    /// <summary>The pictures of a run.</summary>
    /// <param name="training">What is learned, regularisation among it.</param>
    /// <param name="validation">What the loss is measured on, or null.</param>
    internal static IReadOnlyList<RunPicture> Of(LoraDataset training, LoraDataset? validation) =>
    [
        .. training.Entries.Select(entry => Of(entry, entry.Subset.IsRegularization ? PictureUse.Regularization : PictureUse.Training)),
        .. validation?.Entries.Select(entry => Of(entry, PictureUse.Validation)) ?? [],
    ];

    private static RunPicture Of(DatasetEntry entry, PictureUse use) => new(
        entry.Path, entry.Caption, entry.Size.Width, entry.Size.Height, entry.Fit.Bucket.Width, entry.Fit.Bucket.Height, entry.Repeats, use);
}
