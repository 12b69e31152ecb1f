using System.Diagnostics.CodeAnalysis;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>An open safetensors file: its header at once, its tensors when asked for.</summary>
/// <remarks>
/// Opening reads and checks the header only. The first <see cref="Read"/> maps the file into memory; tensors are views of
/// that map, cost no copy, may outlive this object, and are private: what is written into one in place never reaches the
/// file. <see cref="ReadBytes"/> and <see cref="ReadScalar"/> need no libtorch. Replacing the file meanwhile, as
/// <see cref="AtomicFile"/> does, is safe. Shortening a mapped file in place is not: the system ends a process that looks at
/// bytes that are gone. Where a file is only read once, it is opened so that tensors are copies and a file that has become
/// shorter is an error. Not for use by several threads at once.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Finds the tensors of a file.</summary>
    /// <returns>The tensors and metadata, and the bytes of tensors whose offsets count on from the end of the file.</returns>
    internal delegate (SafetensorsHeader Header, byte[] Copied) HeaderReader(FileStream stream, string path);

    private readonly FileStream _stream;
    private readonly bool _isMapped;
    private readonly SafetensorsHeader _header;
    private readonly byte[] _copied;
    private readonly Dictionary<string, TensorInfo> _byName;
    private MappedFile? _map;

    private SafetensorsFile(string path, FileStream stream, HeaderReader readHeader, bool isMapped)
    {
        Path = path;
        _stream = stream;
        _isMapped = isMapped;
        (_header, _copied) = readHeader(stream, path);
        _byName = _header.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The path it was opened with.</summary>
    public string Path { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _stream.Length;

    /// <summary>All tensors, in the order of their bytes.</summary>
    public IReadOnlyList<TensorInfo> Tensors => _header.Tensors;

    /// <summary>The file's metadata in its own order; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="MissingFileException">There is no such file.</exception>
    /// <exception cref="UnreadableFileException">The file cannot be opened.</exception>
    /// <exception cref="SafetensorsFormatException">The file breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path) => Open(path, (stream, name) => (SafetensorsHeader.Read(stream, name), []));

    /// <summary>Opens a file whose tensors are found in another way.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readHeader">Finds the tensors.</param>
    /// <param name="isMapped">Whether tensors are views of the file.</param>
    internal static SafetensorsFile Open(string path, HeaderReader readHeader, bool isMapped = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return new(path, stream, readHeader, isMapped);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MissingFileException(path);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new UnreadableFileException(path, e);
            throw;
        }
    }

    /// <summary>Looks a tensor up by its name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out TensorInfo? info) => _byName.TryGetValue(name, out info);

    /// <summary>A tensor as a view of the file, on the CPU.</summary>
    /// <param name="name">One of <see cref="Tensors"/>.</param>
    /// <returns>Shape and dtype as in the file. Bytes that are not aligned to the element size, and tensors without elements, are copied.</returns>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    public Tensor Read(string name)
    {
        TorchRuntime.EnsureLoaded();
        var info = Get(name);
        ObjectDisposedException.ThrowIf(_stream.SafeFileHandle.IsClosed, this);
        if (info.ByteCount > 0 && (!_isMapped || info.Offset >= _stream.Length))
            return Copied(info);
        _map ??= new MappedFile(_stream);
        return _map.View(info);
    }

    /// <summary>A tensor's bytes as they are in the file.</summary>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="UnreadableFileException">The file can no longer be read.</exception>
    public byte[] ReadBytes(string name)
    {
        var info = Get(name);
        var bytes = new byte[info.ByteCount];
        ReadAt(info.Offset, bytes);
        return bytes;
    }

    /// <summary>The only element of a tensor, whatever its type and number of dimensions.</summary>
    /// <exception cref="KeyNotFoundException">The file has no such tensor.</exception>
    /// <exception cref="ArgumentException">The tensor has more elements, or none.</exception>
    public double ReadScalar(string name)
    {
        var info = Get(name);
        if (info.ByteCount != info.DType.ByteSize())
            throw new ArgumentException($"{Path}: '{name}' is [{string.Join(", ", info.Shape)}], not one number.", nameof(name));
        ReadOnlySpan<byte> bytes = ReadBytes(name);
        return info.DType switch
        {
            SafetensorsDType.F64 => BitConverter.ToDouble(bytes),
            SafetensorsDType.F32 => BitConverter.ToSingle(bytes),
            SafetensorsDType.F16 => (double)BitConverter.ToHalf(bytes),
            SafetensorsDType.BF16 => BitConverter.Int32BitsToSingle(BitConverter.ToInt16(bytes) << 16),
            SafetensorsDType.I64 => BitConverter.ToInt64(bytes),
            SafetensorsDType.I32 => BitConverter.ToInt32(bytes),
            SafetensorsDType.I16 => BitConverter.ToInt16(bytes),
            SafetensorsDType.I8 => (sbyte)bytes[0],
            _ => bytes[0],
        };
    }

    /// <summary>Closes the file. Tensors read from it stay valid.</summary>
    public void Dispose()
    {
        _map?.Dispose();
        _stream.Dispose();
    }

    /// <summary>Bytes of the file, wherever they lie. Unlike the map, this leaves no pages in the process.</summary>
    /// <param name="offset">First byte, counted from the start of the file.</param>
    /// <param name="destination">Filled whole.</param>
    /// <exception cref="UnreadableFileException">The file can no longer be read, or has become shorter.</exception>
    internal void ReadAt(long offset, Span<byte> destination)
    {
        if (offset >= _stream.Length && _copied.Length > 0)
        {
            _copied.AsSpan((int)(offset - _stream.Length), destination.Length).CopyTo(destination);
            return;
        }

        try
        {
            while (destination.Length > 0)
            {
                var count = RandomAccess.Read(_stream.SafeFileHandle, destination, offset);
                if (count == 0)
                    throw new EndOfStreamException("It has become shorter since it was opened.");
                destination = destination[count..];
                offset += count;
            }
        }
        catch (IOException e)
        {
            throw new UnreadableFileException(Path, e);
        }
    }

    /// <summary>Names, types and shapes of all tensors in the order of their bytes.</summary>
    internal IReadOnlyList<TensorSpec> Specs => [.. Tensors.Select(tensor => new TensorSpec(tensor.Name, tensor.DType, tensor.Shape))];

    /// <summary>Hands on the bytes of all tensors as they are, block by block.</summary>
    /// <exception cref="UnreadableFileException">The file can no longer be read.</exception>
    internal void CopyTensors(ByteSink write, CancellationToken cancellationToken)
    {
        var offset = Tensors.Count == 0 ? Length : Tensors[0].Offset;
        var block = new byte[1 << 20];
        for (int count; offset < Length; offset += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count = (int)Math.Min(block.Length, Length - offset);
            ReadAt(offset, block.AsSpan(0, count));
            write(block.AsSpan(0, count));
        }
    }

    private Tensor Copied(TensorInfo info)
    {
        var tensor = empty([.. info.Shape], info.DType.ToScalarType());
        ReadAt(info.Offset, tensor.bytes);
        return tensor;
    }

    private TensorInfo Get(string name) =>
        _byName.TryGetValue(name, out var info) ? info : throw new KeyNotFoundException($"{Path} has no tensor '{name}'.");
}
