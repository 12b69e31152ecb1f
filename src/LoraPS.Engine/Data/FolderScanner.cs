using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Reads what the folders of a data set hold, and keeps account of what had to be left out.</summary>
/// <param name="events">Told of everything that is left out or missing.</param>
internal sealed class FolderScanner(IProgress<EngineEvent>? events)
{
    private const int NamesShown = 5;
    private const string LinkReason = "it is a link that leads out of its folder, which is not followed unless that is allowed";
    private static readonly string[] UsualCaptionExtensions = [".txt", ".caption", ".cap"];

    private readonly List<SkippedImage> _skipped = [];
    private readonly List<string> _uncaptioned = [];

    /// <summary>Pictures left out so far.</summary>
    public IReadOnlyList<SkippedImage> Skipped => _skipped;

    /// <summary>Reads the headers of all pictures of a group, and their captions.</summary>
    /// <exception cref="ImageFolderNotFoundException">A folder does not exist.</exception>
    /// <exception cref="CaptionUnreadableException">A caption file is not UTF-8.</exception>
    public DatasetGroup Scan(DatasetOptions options)
    {
        var selector = BucketSelector.Create(options);
        var subsets = new List<DatasetSubset>();
        var seen = new HashSet<string>();
        foreach (var subset in options.Subsets)
        {
            var folder = Path.GetFullPath(subset.ImageDirectory);
            foreach (var needed in new[] { folder, subset.MaskDirectory }.OfType<string>())
            {
                if (!Directory.Exists(needed))
                    throw new ImageFolderNotFoundException(Path.GetFullPath(needed));
            }

            if (subset.Repeats < 1)
                WarnLeftOut(folder, $"its number of repeats is {subset.Repeats}");
            else if (!seen.Add(folder))
                WarnLeftOut(folder, "the same data set names it twice; the first time counts");
            else if (ScanFolder(subset with { ImageDirectory = folder }, selector) is { ImageCount: > 0 } found)
                subsets.Add(found);
            else
                WarnLeftOut(folder, "no picture in it can be used");
        }

        return DatasetGroup.Create(options, subsets);
    }

    /// <summary>Warns once of all pictures that have neither a caption file nor class tokens.</summary>
    public void WarnOfMissingCaptions()
    {
        if (_uncaptioned.Count == 0)
            return;
        var names = string.Join(", ", _uncaptioned.Take(NamesShown).Select(Path.GetFileName));
        var others = _uncaptioned.Count > NamesShown ? ", …" : "";
        events?.Report(new WarningEvent(
            "CaptionMissing",
            $"{_uncaptioned.Count} pictures have no caption file and no class tokens, so their caption is empty: {names}{others}.{Hint()}",
            _uncaptioned[0]));
    }

    private string Hint() => UsualCaptionExtensions
        .Where(extension => File.Exists(Path.ChangeExtension(_uncaptioned[0], extension)))
        .Select(extension => $" There are {extension} files beside them: is that the caption extension?")
        .FirstOrDefault("");

    private DatasetSubset ScanFolder(SubsetOptions subset, BucketSelector selector) => new(subset, [.. Directory
        .EnumerateFiles(subset.ImageDirectory)
        .Where(ImageFile.HasImageName)
        .Order(StringComparer.Ordinal)
        .Select(path => ScanImage(path, subset, selector))
        .OfType<ScannedImage>()]);

    private ScannedImage? ScanImage(string path, SubsetOptions subset, BucketSelector selector)
    {
        if (IsForbiddenLink(path, subset.ImageDirectory, subset))
            return Skip("LinkOutside", path, LinkReason);
        ImageSize size;
        try
        {
            using var file = ImageFile.Open(path);
            size = file.Size;
        }
        catch (ImageUnreadableException e)
        {
            return Skip(e.ErrorId, path, e.Reason);
        }

        var fit = selector.Select(size);
        if (fit.Bucket.IsEmpty)
            return Skip("ImageTooSmall", path, $"its {size} pixels are fewer than one step of the bucket sizes, and it must not be enlarged");
        var mask = MaskOf(path, subset);
        if (subset.MaskDirectory is not null && mask is null)
            return Skip("MaskMissing", path, $"there is no mask of its name in {subset.MaskDirectory}");
        if (mask is not null && IsForbiddenLink(mask, subset.MaskDirectory!, subset))
            return Skip("LinkOutside", path, "its mask is a link that leads out of the masks' folder, which is not followed unless that is allowed");
        var caption = CaptionReader.Read(path, subset.CaptionExtension, subset.Caption.EnableWildcard, subset.FollowLinks);
        if (caption is null && string.IsNullOrEmpty(subset.ClassTokens))
            _uncaptioned.Add(path);
        return new ScannedImage(path, caption, size, new FileInfo(path).Length, fit) { MaskPath = mask };
    }

    private static bool IsForbiddenLink(string path, string folder, SubsetOptions subset) => !subset.FollowLinks && FileLinks.LeadOutside(path, folder);

    private static string? MaskOf(string path, SubsetOptions subset) => subset.MaskDirectory is not { } folder ? null : ImageFile.Extensions
        .Select(extension => Path.GetFullPath(Path.Combine(folder, Path.GetFileNameWithoutExtension(path) + extension)))
        .FirstOrDefault(File.Exists);

    private ScannedImage? Skip(string id, string path, string reason)
    {
        _skipped.Add(new SkippedImage(path, reason));
        events?.Report(new WarningEvent(id, $"The picture {path} is left out: {reason}.", path));
        return null;
    }

    private void WarnLeftOut(string folder, string reason) =>
        events?.Report(new WarningEvent("ImageFolderIgnored", $"The folder {folder} is left out: {reason}.", folder));
}
