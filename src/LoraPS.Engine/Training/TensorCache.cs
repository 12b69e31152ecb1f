using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Formats.Torch;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Tensors kept on the disk from one run to the next, each named by all it was computed from.</summary>
/// <remarks>
/// A name is the SHA-256 of a description that holds hashes of the contents, of a picture and of a model, never their paths or
/// dates: what changes gets another name, so an old entry is never used for it. sd-scripts looks at the size of the result
/// alone. An entry carries a hash of its numbers; one that is damaged in any way is computed anew.
/// </remarks>
public sealed partial class TensorCache
{
    private const string DescriptionKey = "loraps.cache";
    private const string HashKey = "loraps.cache.sha256";
    private const string TensorName = "value";
    private readonly string _folder;

    /// <summary>Opens a cache and clears away what killed runs left half written.</summary>
    /// <param name="folder">The folder; made when the first entry is.</param>
    public TensorCache(string folder)
    {
        _folder = folder;
        if (Directory.Exists(folder))
            AtomicFile.DeleteLeftovers(folder, LeftoverName().IsMatch);
    }

    /// <summary>Entries that were found.</summary>
    public int Hits { get; private set; }

    /// <summary>Entries that had to be computed.</summary>
    public int Misses { get; private set; }

    /// <summary>Takes a tensor from the cache, or computes and keeps it.</summary>
    /// <param name="description">All that decides its numbers.</param>
    /// <param name="compute">Computes it.</param>
    /// <returns>The caller's to dispose; on the CPU.</returns>
    /// <exception cref="WriteFailedException">The entry cannot be written.</exception>
    public Tensor GetOrAdd(string description, Func<Tensor> compute)
    {
        ArgumentNullException.ThrowIfNull(compute);
        if (Find(description) is { } found)
            return found;
        var value = compute();
        Add(description, value);
        return value;
    }

    /// <summary>Takes a tensor from the cache.</summary>
    /// <param name="description">All that decides its numbers.</param>
    /// <returns>The caller's to dispose, on the CPU; null where it is not there, or damaged.</returns>
    internal Tensor? Find(string description)
    {
        var found = Find(PathOf(description), description);
        if (found is not null)
            Hits++;
        return found;
    }

    /// <summary>Keeps a tensor.</summary>
    /// <param name="description">All that decides its numbers.</param>
    /// <param name="value">The tensor.</param>
    /// <exception cref="WriteFailedException">The entry cannot be written.</exception>
    internal void Add(string description, Tensor value)
    {
        Misses++;
        SafetensorsWriter.Write(
            PathOf(description),
            new Dictionary<string, Tensor> { [TensorName] = value },
            new Dictionary<string, string> { [DescriptionKey] = description, [HashKey] = Hash(value) });
    }

    /// <summary>A hash of all weights of a network, for descriptions.</summary>
    internal static string WeightsHash(nn.Module network)
    {
        using var scope = NewDisposeScope();
        var weights = network.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().cpu().contiguous());
        return ModelHashes.OfLora(weights, new Dictionary<string, string>()).Model;
    }

    private string PathOf(string description) => Path.Combine(
        _folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description))) + ".safetensors");

    private static Tensor? Find(string path, string description)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            // Copied, because a mapped file could not be replaced on every system.
            using var file = TensorFile.OpenUnmapped(path);
            if (file.Metadata.GetValueOrDefault(DescriptionKey) != description || !file.TryGet(TensorName, out _))
                return null;
            var value = file.Read(TensorName);
            if (file.Metadata.GetValueOrDefault(HashKey) == Hash(value))
                return value;
            value.Dispose();
            return null;
        }
        catch (Exception e) when (e is SafetensorsFormatException or TorchFileException or MissingFileException or UnreadableFileException)
        {
            return null;
        }
    }

    /// <summary>A hidden name of hexadecimal digits: nobody else's.</summary>
    [GeneratedRegex(@"^\.[0-9a-f]{50}\.")]
    private static partial Regex LeftoverName();

    /// <summary>Of its type, shape and numbers.</summary>
    private static string Hash(Tensor value)
    {
        using var scope = NewDisposeScope();
        return ModelHashes.OfLora(new Dictionary<string, Tensor> { [$"{value.dtype} [{string.Join(", ", value.shape)}]"] = value.detach().cpu().contiguous() }, new Dictionary<string, string>()).Model;
    }
}
