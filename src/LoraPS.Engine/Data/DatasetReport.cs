namespace LoraPS.Engine.Data;

/// <summary>What a check of a data set found.</summary>
/// <param name="Source">The folder or configuration the data set was made from.</param>
/// <param name="Pictures">All pictures with a readable header, folder by folder.</param>
/// <param name="Skipped">Files that were left out before: damaged headers, pictures too small.</param>
/// <param name="Buckets">Sizes that are trained, with numbers of pictures and batches.</param>
public sealed record DatasetReport(
    string Source, IReadOnlyList<PictureReport> Pictures, IReadOnlyList<SkippedImage> Skipped, IReadOnlyList<AspectBucket> Buckets)
{
    /// <summary>Pictures whose pixels cannot be read; a training leaves them out.</summary>
    public IReadOnlyList<PictureReport> Unreadable { get; } = Pictures.Where(picture => picture.Problem is not null).ToList();

    /// <summary>Pictures without a caption file, or with an empty one.</summary>
    public IReadOnlyList<PictureReport> WithoutCaption { get; } = Pictures.Where(picture => string.IsNullOrWhiteSpace(picture.Caption)).ToList();

    /// <summary>Pictures with the same pixels as an earlier one: they are learned twice as often.</summary>
    public IReadOnlyList<PictureReport> Duplicates { get; } = Pictures.Where(picture => picture.DuplicateOf is not null).ToList();

    /// <summary>Pictures that are smaller than they are trained at; they are learned blurred.</summary>
    public IReadOnlyList<PictureReport> Enlarged { get; } = Pictures.Where(picture => picture.Enlargement > 1).ToList();

    /// <summary>Whether every file can be used as it is: none is unreadable, skipped, a duplicate, or without a caption.</summary>
    public bool IsClean => Unreadable.Count + WithoutCaption.Count + Duplicates.Count + Skipped.Count == 0;
}
