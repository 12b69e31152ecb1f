using System.Buffers;

namespace LoraPS.Engine.Formats.Torch;

/// <summary>Places the tensors of a file: in it where they lie in one piece, copied together where they do not.</summary>
/// <param name="stream">The file.</param>
/// <param name="path">Named in errors.</param>
/// <param name="find">The file of a storage in the archive, or null.</param>
internal sealed class TorchTensors(Stream stream, string path, Func<string, ZipEntry?> find)
{
    private const int Alignment = 8;
    private const int MostReadings = 16;
    private const int Shown = 8;

    private readonly List<TensorInfo> _all = [];
    private readonly ArrayBufferWriter<byte> _copied = new();
    private long _read;

    /// <summary>All tensors.</summary>
    public IReadOnlyList<TensorInfo> All => _all;

    /// <summary>The copied ones' bytes; their offsets count on from the end of the file.</summary>
    public byte[] Copied => _copied.WrittenSpan.ToArray();

    /// <summary>Adds a tensor.</summary>
    /// <exception cref="TorchFileException">It reaches outside of its storage.</exception>
    public void Add(string name, PickledTensor tensor)
    {
        var storage = find(tensor.Storage.Key);
        var size = tensor.Storage.DType.ByteSize();
        if (storage is null || tensor.Storage.Count > storage.Length / size || !tensor.IsWithinStorage)
        {
            throw new TorchFileException(
                TorchFileProblem.Tensor, path,
                $"tensor '{name}' of [{Text(tensor.Shape)}], strides [{Text(tensor.Strides)}], from number {tensor.First} on does not fit its storage of {(storage is null ? 0 : storage.Length / size)} numbers. The file is damaged.");
        }

        var length = tensor.Count * size;
        var offset = tensor.IsContiguous ? storage.Offset + (tensor.First * size) : stream.Length + Copy(storage, tensor, size);
        _all.Add(new(name, tensor.Storage.DType, tensor.Shape, offset, length));
    }

    private static string Text(IReadOnlyList<long> numbers) => string.Join(", ", numbers.Take(Shown)) + (numbers.Count > Shown ? ", …" : "");

    private long Copy(ZipEntry storage, PickledTensor tensor, int size)
    {
        var start = (_copied.WrittenCount + Alignment - 1L) / Alignment * Alignment;
        var (stored, needed) = (tensor.Storage.Count * size, start + (tensor.Count * size));
        _read += stored;
        // Every storage may be turned about once or twice, and not a thousand times.
        if (stored > Array.MaxLength || needed > Math.Min(Array.MaxLength, 2 * stream.Length) || _read > MostReadings * stream.Length)
            throw new TorchFileException(TorchFileProblem.Limit, path, $"too much of it is not in one piece in memory ({needed} bytes). Get the file as safetensors.");
        _copied.Write(new byte[start - _copied.WrittenCount]);
        var numbers = new byte[stored];
        stream.Position = storage.Offset;
        stream.ReadExactly(numbers);
        Copy(numbers, tensor, size, dimension: 0, tensor.First);
        return start;
    }

    private void Copy(byte[] numbers, PickledTensor tensor, int size, int dimension, long at)
    {
        if (dimension == tensor.Shape.Count)
        {
            _copied.Write(numbers.AsSpan((int)(at * size), size));
            return;
        }

        for (var i = 0L; i < tensor.Shape[dimension]; i++)
            Copy(numbers, tensor, size, dimension + 1, at + (i * tensor.Strides[dimension]));
    }
}
