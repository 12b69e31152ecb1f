using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>Writes LoRA files that the common user interfaces load and recognise.</summary>
public static class LoraFileWriter
{
    /// <summary>Writes a LoRA with its training metadata, its model spec and its hashes.</summary>
    /// <param name="path">The destination; replaced if it exists.</param>
    /// <param name="tensors">By key (<c>module.lora_down.weight</c> …), in the dtype that is to be saved; they stay the caller's.</param>
    /// <param name="metadata">The <c>ss_</c> values; written first and in the order given.</param>
    /// <param name="spec">The <c>modelspec.</c> values, or null for none.</param>
    /// <returns>The hashes that were written.</returns>
    /// <exception cref="ArgumentException">A key is not valid Unicode, a type has no place in a file, or the metadata is too large.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraHashes Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata, ModelSpec? spec)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var hashes = ModelHashes.OfLora(tensors, metadata);
        var all = new OrderedDictionary<string, string>(metadata);
        foreach (var (key, value) in spec?.ToMetadata() ?? new Dictionary<string, string>())
            all[key] = value;
        all[LoraMetadata.ModelHashKey] = hashes.Model;
        all[LoraMetadata.LegacyHashKey] = hashes.Legacy;
        SafetensorsWriter.Write(path, tensors, all);
        return hashes;
    }
}
