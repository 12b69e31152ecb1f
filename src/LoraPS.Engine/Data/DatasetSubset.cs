namespace LoraPS.Engine.Data;

/// <summary>A folder of a data set with what was found in it.</summary>
public sealed class DatasetSubset
{
    internal DatasetSubset(SubsetOptions options, IReadOnlyList<ScannedImage> images) => (Options, Images) = (options, images);

    /// <summary>The folder and how it is used.</summary>
    public SubsetOptions Options { get; }

    /// <summary>Pictures that can be used.</summary>
    public int ImageCount => Images.Count;

    /// <summary>How many of them have a caption file.</summary>
    public int CaptionedCount => Images.Count(image => image.Caption is not null);

    /// <summary>The pictures, by name.</summary>
    internal IReadOnlyList<ScannedImage> Images { get; }

    /// <summary>Tag to number of pictures that have it: captions parted at commas, in lower case, before anything is drawn.</summary>
    public IReadOnlyDictionary<string, int> CountTags() => Images
        .SelectMany(image => CaptionOf(image).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .GroupBy(tag => tag.ToLowerInvariant())
        .ToDictionary(tags => tags.Key, tags => tags.Count());

    /// <summary>The picture's caption; the class tokens where it has none.</summary>
    internal string CaptionOf(ScannedImage image) => image.Caption ?? Options.ClassTokens ?? "";

    /// <summary>The same folder without some of its pictures.</summary>
    internal DatasetSubset Without(IReadOnlySet<string> paths) =>
        new(Options, [.. Images.Where(image => !paths.Contains(image.Path))]);
}
