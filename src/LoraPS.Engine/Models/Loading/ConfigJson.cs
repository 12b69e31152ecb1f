using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Loading;

/// <summary>The fields of one config.json, checked as they are read.</summary>
internal sealed class ConfigJson
{
    /// <summary>Largest size that a field may give.</summary>
    private const int MaxSize = 1 << 20;

    /// <summary>Most layers of a kind, and most entries of a list.</summary>
    private const int MaxCount = 256;

    private readonly JsonElement _root;

    private ConfigJson(string path, JsonElement root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <exception cref="ModelConfigException">The file is not a JSON object.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be opened.</exception>
    public static ConfigJson Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(BoundedFile.ReadBytes(path, BoundedFile.ConfigLength));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelConfigException(path, $"expected a JSON object, found {document.RootElement.ValueKind}.");
            // Looking a name up fails where any name is half of a character that takes two.
            foreach (var property in document.RootElement.EnumerateObject())
                _ = property.Name;
            return new(path, document.RootElement.Clone());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelConfigException(path, $"not valid JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(path, e);
        }
    }

    /// <summary>True if the field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    public int Int(string name, int? fallback = null) => TryGet(name, out var value) ? Int(name, value) : Fallback(name, fallback);

    /// <summary>How many of something are built, which costs time and memory for each.</summary>
    public int Count(string name, int? fallback = null) =>
        Int(name, fallback) is var count && count <= MaxCount ? count : throw Wrong(name, $"at most {MaxCount}", count);

    public double Double(string name, double fallback) =>
        !TryGet(name, out var value) ? fallback
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw Wrong(name, "a number", value);

    public bool Bool(string name, bool fallback) => !TryGet(name, out var value) ? fallback : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false", value),
    };

    public string String(string name, string? fallback = null) => TryGet(name, out var value) ? String(name, value) : Fallback(name, fallback);

    public IReadOnlyList<string> Strings(string name) => [.. Array(name).Select(item => String(name, item))];

    public IReadOnlyList<int> Ints(string name) => [.. Array(name).Select(item => Int(name, item))];

    /// <summary>A list with one number a level, which a file may also give as one number for all.</summary>
    public IReadOnlyList<int> IntPerLevel(string name, int levels, int? fallback = null)
    {
        if (!TryGet(name, out var value) || value.ValueKind == JsonValueKind.Number)
            return [.. Enumerable.Repeat(Int(name, fallback), levels)];
        var numbers = Ints(name);
        return numbers.Count == levels ? numbers : throw new ModelConfigException(Path, $"'{name}' has {numbers.Count} entries, expected {levels}, one a level.");
    }

    /// <summary>An error about one field.</summary>
    public ModelConfigException Wrong(string name, string expected, object found) =>
        new(Path, $"'{name}' must be {expected}, found {found}.");

    private JsonElement.ArrayEnumerator Array(string name) =>
        !TryGet(name, out var value) ? throw Absent(name)
        : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxCount ? value.EnumerateArray()
        : throw Wrong(name, $"a list of at most {MaxCount}", value.ValueKind);

    private int Int(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number is > 0 and <= MaxSize
            ? number
            : throw Wrong(name, $"a whole number from 1 to {MaxSize}", value);

    private string String(string name, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, "text", value);
        }
        catch (InvalidOperationException e)
        {
            // Half of a character that takes two.
            throw new ModelConfigException(Path, $"'{name}' is no text: {e.Message}", e);
        }
    }

    private T Fallback<T>(string name, T? fallback)
        where T : struct => fallback ?? throw Absent(name);

    private string Fallback(string name, string? fallback) => fallback ?? throw Absent(name);

    private ModelConfigException Absent(string name) => new(Path, $"'{name}' is missing.");

    private bool TryGet(string name, out JsonElement value) =>
        _root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}
