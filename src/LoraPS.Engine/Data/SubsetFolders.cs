using System.Globalization;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Data;

/// <summary>Finds the subsets of a folder of pictures.</summary>
/// <remarks>
/// The folder convention of sd-scripts 48d368fa (<c>library/config_util.py</c>,
/// generate_dreambooth_subsets_config_by_subdirs): each sub-folder named <c>10_sks cat</c> is a subset whose pictures are
/// seen 10 times an epoch, and whose class tokens are "sks cat". A folder without such sub-folders is one subset itself,
/// which the reference does not know.
/// </remarks>
public static class SubsetFolders
{
    /// <summary>The subsets of a folder, by name.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="template">All that the names do not say.</param>
    /// <param name="events">Told of sub-folders and pictures that are left out.</param>
    /// <exception cref="ImageFolderNotFoundException">There is no such folder.</exception>
    public static IReadOnlyList<SubsetOptions> Find(string path, SubsetOptions template, IProgress<EngineEvent>? events = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(template);
        var folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder))
            throw new ImageFolderNotFoundException(folder);
        var children = Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
            .Select(child => (Path: child, Subset: FromName(child, template))).ToList();
        if (children.All(child => child.Subset is null))
            return [template with { ImageDirectory = folder }];
        TellIgnored(folder, children.Where(child => child.Subset is null).Select(child => child.Path), events);
        return [.. children.Select(child => child.Subset).OfType<SubsetOptions>()];
    }

    /// <summary>The subset that a folder's name stands for; null when it does not begin with a number above 0.</summary>
    private static SubsetOptions? FromName(string folder, SubsetOptions template)
    {
        var parts = Path.GetFileName(folder).Split('_', 2);
        return int.TryParse(parts[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out var repeats) && repeats > 0
            ? template with { ImageDirectory = folder, Repeats = repeats, ClassTokens = parts.Length == 2 ? parts[1] : "" }
            : null;
    }

    private static void TellIgnored(string folder, IEnumerable<string> others, IProgress<EngineEvent>? events)
    {
        foreach (var other in others)
            events?.Report(new WarningEvent(
                "ImageFolderIgnored",
                $"The folder {other} is left out: beside folders named as '10_sks cat', a name must begin with a number of repeats above 0.",
                other));
        var loose = Directory.EnumerateFiles(folder).Count(ImageFile.HasImageName);
        if (loose > 0)
            events?.Report(new WarningEvent(
                "ImagesIgnored",
                $"{loose} pictures directly in {folder} are left out: only those in its folders named as '10_sks cat' are used.",
                folder));
    }
}
