using System.Security.Cryptography;
using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>The hashes by which user interfaces recognise models and LoRAs. All are lower-case hexadecimal.</summary>
/// <remarks>Follows sd-scripts 48d368fa, library/train_util.py: model_hash, calculate_sha256, precalculate_safetensors_hashes.</remarks>
public static class ModelHashes
{
    /// <summary>Where the bytes of a legacy hash start.</summary>
    internal const long LegacyStart = 1 << 20;

    /// <summary>How many bytes a legacy hash covers; fewer or none in a shorter file.</summary>
    internal const int LegacyLength = 1 << 16;

    /// <summary>How many digits of the SHA-256 a legacy hash keeps.</summary>
    internal const int LegacyDigits = 8;

    /// <summary>Digits of a SHA-256.</summary>
    internal const int Sha256Digits = 64;

    // Stays in the processor's cache between reading and hashing.
    private const int BlockLength = 1 << 18;

    /// <summary>SHA-256 of a whole file: <c>ss_new_sd_model_hash</c>.</summary>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    public static string Sha256(string path) => Sha256(path, CancellationToken.None);

    /// <summary>SHA-256 of a whole file: <c>ss_new_sd_model_hash</c>.</summary>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static string Sha256(string path, CancellationToken cancellationToken) => OfFile(path, stream =>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockLength];
        while (stream.Read(block) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    });

    /// <summary>First 8 digits of the SHA-256 of 64 KiB at 1 MiB: <c>ss_sd_model_hash</c>.</summary>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be read.</exception>
    public static string Legacy(string path) => OfFile(path, stream =>
    {
        stream.Position = LegacyStart;
        var window = new byte[LegacyLength];
        var read = stream.ReadAtLeast(window, LegacyLength, throwOnEndOfStream: false);
        return Convert.ToHexStringLower(SHA256.HashData(window.AsSpan(0, read)))[..LegacyDigits];
    });

    /// <summary>The hashes a LoRA file carries of itself.</summary>
    /// <param name="tensors">What the file holds.</param>
    /// <param name="metadata">What the file says; only <c>ss_</c> keys count, so that editing the others keeps the hashes.</param>
    public static LoraHashes OfLora(IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(metadata);
        var ordered = SafetensorsHeaderBuilder.Order(tensors.Select(pair => TensorSpec.Of(pair.Key, pair.Value)));
        return OfLora(ordered, metadata, hashes => SafetensorsWriter.WriteTensors(ordered, name => tensors[name], hashes.Write));
    }

    /// <summary>The hashes that the tensors of a file have in their place, with other metadata. Needs no libtorch.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="metadata">What it says, or will say.</param>
    public static LoraHashes OfLora(SafetensorsFile file, IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(metadata);
        return OfLora(file.Specs, metadata, hashes => file.CopyTensors(hashes.Write, CancellationToken.None));
    }

    private static LoraHashes OfLora(IReadOnlyList<TensorSpec> ordered, IReadOnlyDictionary<string, string> metadata, Action<LoraHashStream> writeTensors)
    {
        // A map without entries counts too: the reference writes it, and the header's length decides where the window lies.
        var counted = metadata.Where(pair => pair.Key.StartsWith(LoraMetadata.Prefix, StringComparison.Ordinal)).ToDictionary();
        var header = SafetensorsHeaderBuilder.Build(ordered, counted);
        using var hashes = new LoraHashStream(header.Length);
        hashes.Write(header);
        writeTensors(hashes);
        return hashes.Finish();
    }

    private static string OfFile(string path, Func<FileStream, string> hash)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            return hash(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MissingFileException(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(path, e);
        }
    }
}
