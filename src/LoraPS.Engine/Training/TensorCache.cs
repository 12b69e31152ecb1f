using System.Security.Cryptography;
using System.Text;
using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Tensors kept on the disk from one run to the next, each named by all it was computed from.</summary>
/// <remarks>
/// A name is the SHA-256 of a description that holds hashes of the contents, of a picture and of a model, never their paths or
/// dates: what changes gets another name, so an old entry is never used for it. sd-scripts looks at the size of the result
/// alone. An entry that is damaged is computed anew.
/// </remarks>
/// <param name="folder">The folder; made when the first entry is.</param>
public sealed class TensorCache(string folder)
{
    private const string DescriptionKey = "loraps.cache";
    private const string TensorName = "value";

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
        var path = PathOf(description);
        if (Find(path, description) is { } found)
        {
            Hits++;
            return found;
        }

        Misses++;
        var value = compute();
        SafetensorsWriter.Write(
            path, new Dictionary<string, Tensor> { [TensorName] = value }, new Dictionary<string, string> { [DescriptionKey] = description });
        return value;
    }

    /// <summary>A hash of all weights of a network, for descriptions.</summary>
    internal static string WeightsHash(nn.Module network)
    {
        using var scope = NewDisposeScope();
        var weights = network.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().cpu().contiguous());
        return ModelHashes.OfLora(weights, new Dictionary<string, string>()).Model;
    }

    private string PathOf(string description) => Path.Combine(
        folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description))) + ".safetensors");

    private static Tensor? Find(string path, string description)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            if (file.Metadata.GetValueOrDefault(DescriptionKey) != description || !file.TryGet(TensorName, out _))
                return null;
            // A copy, because a mapped file could not be replaced on every system.
            using var mapped = file.Read(TensorName);
            return mapped.clone();
        }
        catch (Exception e) when (e is SafetensorsFormatException or MissingFileException or UnreadableFileException)
        {
            return null;
        }
    }
}
