using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Formats;

/// <summary>The fields of <see cref="ModelSpec"/> that whoever makes a model fills in.</summary>
/// <remarks>As the options <c>--metadata_title</c> … of sd-scripts 48d368fa.</remarks>
public static class ModelSpecFields
{
    /// <summary>The field that is given as a picture's path, and written as its bytes.</summary>
    public const string Thumbnail = "thumbnail";

    private const string DataUrl = "data:";
    // Readers refuse headers above 100 MB; what shows a model in a list needs a thousandth of that.
    private const int MostThumbnailBytes = 1 << 20;

    private static readonly Dictionary<string, string> PictureTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg", [".webp"] = "image/webp", [".gif"] = "image/gif",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "title", "author", "description", "license", "tags", "usage_hint", Thumbnail, "merged_from", "trigger_phrase", "preprocessor", "is_negative_embedding",
    ];

    /// <summary>Whether a thumbnail is the name of a file, and not a picture's bytes already.</summary>
    public static bool IsPath(string thumbnail)
    {
        ArgumentNullException.ThrowIfNull(thumbnail);
        return !thumbnail.StartsWith(DataUrl, StringComparison.Ordinal);
    }

    /// <summary>The name of a field without <see cref="ModelSpec.Prefix"/>.</summary>
    /// <param name="name">With it or without.</param>
    /// <exception cref="ArgumentException">There is no such field, or it is not for people to fill in.</exception>
    public static string NameOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bare = name.StartsWith(ModelSpec.Prefix, StringComparison.Ordinal) ? name[ModelSpec.Prefix.Length..] : name;
        return Names.Contains(bare) ? bare : throw new ArgumentException($"'{name}' is no field of a model's description that can be given; there are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>The fields as they are written.</summary>
    /// <param name="fields">Values by name; that of a thumbnail is a path.</param>
    /// <exception cref="ArgumentException">There is no such field, or the thumbnail is no picture.</exception>
    /// <exception cref="MissingFileException">There is no thumbnail at its path.</exception>
    /// <exception cref="UnreadableFileException">The thumbnail cannot be read, or has more than a mebibyte.</exception>
    public static IReadOnlyDictionary<string, string> Read(IReadOnlyDictionary<string, string> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var written = new OrderedDictionary<string, string>();
        foreach (var (name, value) in fields)
            written[NameOf(name)] = NameOf(name) == Thumbnail && IsPath(value) ? ReadThumbnail(value) : value;
        return written;
    }

    private static string ReadThumbnail(string path)
    {
        if (!PictureTypes.TryGetValue(Path.GetExtension(path), out var type))
            throw new ArgumentException($"The thumbnail {path} is no picture that can be shown; its name must end in {string.Join(", ", PictureTypes.Keys)}.");
        if (!File.Exists(path))
            throw new MissingFileException(path);
        try
        {
            return $"{DataUrl}{type};base64,{Convert.ToBase64String(BoundedFile.ReadBytes(path, MostThumbnailBytes))}";
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new UnreadableFileException(path, e);
        }
    }
}
