using System.Buffers;

namespace LoraPS.Engine.Formats.Torch;

/// <summary>Finds the tensors in a file of torch.save (.ckpt, .pt, .bin) without running its pickle.</summary>
/// <remarks>
/// A zip archive with one folder: <c>data.pkl</c> describes a dictionary of tensors, and <c>data/0</c> and so on are their
/// storages, as they are in memory. Tensors that lie in one piece are read in place; others are copied together. A
/// dictionary that has one under <c>state_dict</c> stands for that one, as checkpoints carry the state of their training
/// beside it; values that are no tensors are passed over.
/// </remarks>
internal static class TorchFile
{
    private const string PickleName = "/data.pkl";
    private const string StateKey = "state_dict";
    private const int JsonStart = 8;
    private const int MaxOrderLength = 16;
    private const int MaxPickleLength = 64 << 20;
    private const byte HighestProtocol = 5;

    /// <summary>What is said of files that no archive is around.</summary>
    public const string OldForm = "it was written by PyTorch before 1.6, or in its old form, which is not read. Get the file as safetensors, or save it again with a newer PyTorch.";

    private static readonly SearchValues<byte> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."u8);

    /// <summary>True if a file starts as a zip archive does, and not as a safetensors file whose header has just that length.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> start) => start.StartsWith("PK\u0003\u0004"u8) && start.Length > JsonStart && start[JsonStart] != (byte)'{';

    /// <summary>True if a file starts as PyTorch before 1.6 wrote it: a bare pickle with a magic number, or a tar archive.</summary>
    public static bool IsLegacy(ReadOnlySpan<byte> start) => start.StartsWith<byte>([0x80, 0x02, 0x8a, 0x0a]) || (start.Length >= 262 && start[257..262].SequenceEqual("ustar"u8));

    /// <summary>True if a file starts as a pickle without an archive around it does: with its protocol, or with instructions in letters; not with a safetensors header of that length.</summary>
    public static bool IsBarePickle(ReadOnlySpan<byte> start)
    {
        if (start.Length < 2 || (start.Length > JsonStart && start[JsonStart] == (byte)'{'))
            return false;
        return start is [0x80, <= HighestProtocol, ..]
            || (start is [(byte)'(' or (byte)'c', ..] && start.IndexOf((byte)'\n') is > 1 and var end && !start[1..end].ContainsAnyExcept(NameCharacters));
    }

    /// <summary>Says why a bare pickle is not read: what it asks for, where that is more than tensors.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    public static TorchFileException Refuse(Stream stream, string path)
    {
        var bytes = new byte[Math.Min(stream.Length, MaxPickleLength)];
        stream.ReadExactly(bytes);
        try
        {
            new PickleReader(bytes, path).Read();
            return new(TorchFileProblem.Legacy, path, OldForm);
        }
        catch (TorchFileException e)
        {
            return e;
        }
    }

    /// <summary>Reads what is in a file.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="path">Named in errors.</param>
    /// <returns>The tensors in the order of the dictionary; those that had to be copied together lie, counted on from the end of the file, in the bytes beside.</returns>
    /// <exception cref="TorchFileException">The file is damaged, or asks for something that is not allowed.</exception>
    public static (IReadOnlyList<TensorInfo> Tensors, byte[] Copied) Read(Stream stream, string path)
    {
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        foreach (var entry in ZipDirectory.Read(stream, path))
        {
            if (!entries.TryAdd(entry.Name, entry))
                throw new TorchFileException(TorchFileProblem.Archive, path, $"the archive holds '{entry.Name}' twice.");
        }

        if (entries.Values.Where(entry => entry.Name.EndsWith(PickleName, StringComparison.Ordinal)).ToList() is not [var pickle])
            throw new TorchFileException(TorchFileProblem.Archive, path, "the archive has not one <name>/data.pkl, which torch.save writes. It is some other zip file.");
        if (pickle.Length > MaxPickleLength)
            throw new TorchFileException(TorchFileProblem.Limit, path, $"its pickle has {pickle.Length} bytes, more than the {MaxPickleLength} allowed.");
        var root = pickle.Name[..^PickleName.Length];
        if (entries.TryGetValue(root + "/byteorder", out var order) && (order.Length > MaxOrderLength || !Bytes(stream, order).AsSpan().SequenceEqual("little"u8)))
            throw new TorchFileException(TorchFileProblem.Archive, path, "it was written on a machine of the other byte order.");

        var tensors = new TorchTensors(stream, path, key => entries.GetValueOrDefault($"{root}/data/{key}"));
        foreach (var (name, tensor) in Dictionary(new PickleReader(Bytes(stream, pickle), path).Read(), path))
            tensors.Add(name, tensor);
        return (tensors.All, tensors.Copied);
    }

    private static OrderedDictionary<string, PickledTensor> Dictionary(object? root, string path)
    {
        if (root is not PickleDictionary dictionary)
            throw new TorchFileException(TorchFileProblem.Contents, path, "its pickle holds no dictionary of tensors. Lists of tensors, such as old LoRA files of cloneofsimo, do not say which layers they are of.");
        var tensors = new OrderedDictionary<string, PickledTensor>(StringComparer.Ordinal);
        foreach (var (key, value) in dictionary.Find(StateKey) as PickleDictionary ?? dictionary)
        {
            if (key is string name && value is PickledTensor tensor)
                tensors[name] = tensor;
        }

        return tensors.Count > 0 ? tensors : throw new TorchFileException(TorchFileProblem.Contents, path, "its dictionary holds no tensor.");
    }

    private static byte[] Bytes(Stream stream, ZipEntry entry)
    {
        var bytes = new byte[entry.Length];
        stream.Position = entry.Offset;
        stream.ReadExactly(bytes);
        return bytes;
    }
}
