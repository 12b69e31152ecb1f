using System.Security.Cryptography;
using System.Text.Json;

namespace LoraPS.Engine.Data;

/// <summary>Names the exact data of a training by a hash.</summary>
internal static class DatasetFingerprint
{
    private static readonly JsonSerializerOptions StoredOnly = new() { IgnoreReadOnlyProperties = true };

    /// <summary>SHA-256 of all options and of what is known of each picture: name, folder's name, length, size, caption, repeats.</summary>
    public static string Of(IReadOnlyList<DatasetGroup> groups)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var group in groups)
        {
            Append(hash, group.Options with { Subsets = [] });
            foreach (var entry in group.Entries)
                Append(hash, WithoutFolder(entry));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static DatasetEntry WithoutFolder(DatasetEntry entry) => entry with
    {
        Path = Path.GetFileName(entry.Path),
        Subset = entry.Subset with { ImageDirectory = Path.GetFileName(entry.Subset.ImageDirectory), MaskDirectory = Path.GetFileName(entry.Subset.MaskDirectory) },
        MaskPath = Path.GetFileName(entry.MaskPath),
    };

    // JSON, because it writes numbers alike in all cultures and each property in its fixed place.
    private static void Append<T>(IncrementalHash hash, T value) => hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(value, StoredOnly));
}
