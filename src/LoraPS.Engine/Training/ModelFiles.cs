using System.Security.Cryptography;
using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>The model a LoRA is trained on, as files carry it.</summary>
/// <param name="Name">Name of its file or folder.</param>
/// <param name="IsFile">Whether it is a single file; only such have the hashes by which user interfaces know them.</param>
/// <param name="Sha256">SHA-256 of the file; of a folder, of the hashes of the weight files in it by name.</param>
/// <param name="LegacyHash">First 8 digits of the SHA-256 of 64 KiB at 1 MiB, or null for a folder.</param>
internal sealed record ModelFiles(string Name, bool IsFile, string Sha256, string? LegacyHash)
{
    /// <summary>Reads all weight files of a model.</summary>
    /// <param name="path">File or folder.</param>
    public static ModelFiles Read(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (File.Exists(path))
            return new(name, true, ModelHashes.Sha256(path), ModelHashes.Legacy(path));
        var weights = FileLinks.FilesBelow(path).Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var hashes = string.Join('\n', weights.Select(ModelHashes.Sha256));
        return new(name, false, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashes))), null);
    }
}
