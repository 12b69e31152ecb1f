using System.Buffers.Binary;
using System.Text.Unicode;

namespace LoraPS.Engine.Formats;

/// <summary>The part of a safetensors file that says what is in it.</summary>
/// <remarks>
/// A file is 8 bytes of length n (little endian), n bytes of JSON, and the tensors' bytes without gaps. The JSON maps each
/// name to <c>{"dtype", "shape", "data_offsets": [begin, end)}</c>, counted from the end of the header, and
/// <c>"__metadata__"</c> to a map from text to text. Follows the format description of huggingface/safetensors and the checks
/// of its reader, and on top refuses duplicate keys, as the description asks. White space around the JSON is allowed.
/// </remarks>
/// <param name="Tensors">All tensors, in the order of their bytes.</param>
/// <param name="Metadata">The map from text to text, in the file's order; empty when the file has none.</param>
public sealed record SafetensorsHeader(IReadOnlyList<TensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Largest header that is read, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    private const int PrefixLength = sizeof(ulong);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="stream">The file, at its start; its length must be known.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="SafetensorsFormatException">The file breaks a rule of the format.</exception>
    public static SafetensorsHeader Read(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var length = ReadLength(stream, path);
        var json = new byte[length];
        stream.ReadExactly(json);
        if (!Utf8.IsValid(json))
            throw new SafetensorsFormatException(SafetensorsProblem.HeaderUtf8, path, null, "the header is not UTF-8.");

        var parsed = new SafetensorsHeaderParser(path, PrefixLength + length).Parse(json);
        parsed.Tensors.Sort((a, b) => (a.Offset, a.ByteCount).CompareTo((b.Offset, b.ByteCount)));
        CheckLayout(parsed.Tensors, PrefixLength + length, stream.Length, path);
        return new(parsed.Tensors, parsed.Metadata);
    }

    private static int ReadLength(Stream stream, string path)
    {
        if (stream.Length < PrefixLength)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.HeaderTooSmall, path, null, $"the file has {stream.Length} bytes; the length of a header alone takes {PrefixLength}.");
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.HeaderTooLarge, path, null,
                $"the first 8 bytes announce a header of {length} bytes, more than the {MaxLength} allowed. The file is most likely not safetensors (.ckpt and .pt files are not).");
        }

        if ((long)length > stream.Length - PrefixLength)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.HeaderLength, path, null,
                $"the header should have {length} bytes, the file ends after {stream.Length - PrefixLength}. It is truncated or not safetensors.");
        }

        return (int)length;
    }

    private static void CheckLayout(List<TensorInfo> tensors, long dataStart, long fileLength, string path)
    {
        var expected = dataStart;
        foreach (var tensor in tensors)
        {
            if (tensor.Offset != expected)
            {
                var problem = tensor.Offset < expected ? SafetensorsProblem.OffsetOverlap : SafetensorsProblem.OffsetGap;
                throw new SafetensorsFormatException(
                    problem, path, tensor.Name, $"its bytes start at {tensor.Offset - dataStart}, the tensor before it ends at {expected - dataStart}.");
            }

            if (tensor.ByteCount > fileLength - expected)
            {
                throw new SafetensorsFormatException(
                    SafetensorsProblem.IncompleteBuffer, path, tensor.Name,
                    $"it needs {tensor.ByteCount} bytes, {fileLength - expected} are left. The file is truncated; copy or download it again.");
            }

            expected += tensor.ByteCount;
        }

        if (expected != fileLength)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.TrailingBytes, path, null, $"{fileLength - expected} bytes after the last tensor belong to none.");
        }
    }
}
