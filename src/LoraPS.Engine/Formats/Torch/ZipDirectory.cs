using System.Buffers.Binary;
using System.Text;

namespace LoraPS.Engine.Formats.Torch;

/// <summary>Finds where the files of a zip archive lie, so that they can be read and mapped in place.</summary>
/// <remarks>
/// PKWARE APPNOTE 6.3.10, with its 64-bit extension; only archives that store without compression, as torch.save writes them.
/// Everything is checked against the file's length; check sums are not computed.
/// </remarks>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int Locator64Length = 20;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int MaxCommentLength = ushort.MaxValue;
    private const long MaxDirectoryLength = 64 << 20;
    private const ushort Extra64 = 1;

    private readonly Stream _stream;
    private readonly string _path;

    private ZipDirectory(Stream stream, string path) => (_stream, _path) = (stream, path);

    /// <summary>Reads an archive's directory.</summary>
    /// <exception cref="TorchFileException">It is damaged or compressed.</exception>
    public static IReadOnlyList<ZipEntry> Read(Stream stream, string path)
    {
        var reader = new ZipDirectory(stream, path);
        var (offset, length) = reader.Locate();
        return reader.Entries(reader.Bytes(offset, length));
    }

    private (long Offset, long Length) Locate()
    {
        var tailLength = (int)Math.Min(_stream.Length, EndLength + MaxCommentLength);
        var tailStart = _stream.Length - tailLength;
        var tail = Bytes(tailStart, tailLength);
        for (var at = tailLength - EndLength; at >= 0; at--)
        {
            if (UInt32(tail, at) != EndSignature)
                continue;
            var (length, offset) = (UInt32(tail, at + 12), UInt32(tail, at + 16));
            return length == uint.MaxValue || offset == uint.MaxValue || UInt16(tail, at + 10) == ushort.MaxValue
                ? Locate64(tailStart + at)
                : (offset, length);
        }

        throw Damaged("it has no directory at its end. It is cut short; copy or download it again");
    }

    private (long Offset, long Length) Locate64(long end)
    {
        var locator = Bytes(end - Locator64Length, Locator64Length);
        var record = UInt32(locator, 0) == Locator64Signature ? Bytes(Int64(locator, 8), End64Length) : throw Damaged("its 64-bit directory is not where it should be");
        return UInt32(record, 0) == End64Signature ? (Int64(record, 48), Int64(record, 40)) : throw Damaged("its 64-bit directory is not where it should be");
    }

    private List<ZipEntry> Entries(byte[] directory)
    {
        var entries = new List<ZipEntry>();
        for (var at = 0; at < directory.Length;)
        {
            if (at + EntryLength > directory.Length || UInt32(directory, at) != EntrySignature)
                throw Damaged("an entry of its directory is not one");
            int nameLength = UInt16(directory, at + 28), extraLength = UInt16(directory, at + 30), next = at + EntryLength + nameLength + extraLength + UInt16(directory, at + 32);
            if (next > directory.Length)
                throw Damaged("an entry of its directory is cut short");
            entries.Add(Entry(directory.AsSpan(at, EntryLength), Encoding.UTF8.GetString(directory, at + EntryLength, nameLength), directory.AsSpan(at + EntryLength + nameLength, extraLength)));
            at = next;
        }

        return entries;
    }

    private ZipEntry Entry(ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> extra)
    {
        var (flags, method) = (BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]));
        var wide = Find64(extra);
        var length = Widen(BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), ref wide);
        var packed = Widen(BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), ref wide);
        var offset = Widen(BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]), ref wide);
        if (method != 0 || (flags & 1) != 0 || packed != length)
            throw Damaged($"'{name}' is compressed or encrypted, and torch.save does neither");
        var local = Bytes(offset, LocalLength);
        if (UInt32(local, 0) != LocalSignature)
            throw Damaged($"'{name}' is not where the directory says");
        var start = offset + LocalLength + UInt16(local, 26) + UInt16(local, 28);
        return length >= 0 && start <= _stream.Length && length <= _stream.Length - start ? new(name, start, length) : throw Damaged($"'{name}' goes past the end of the file");
    }

    private static ReadOnlySpan<byte> Find64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var (id, length) = (BinaryPrimitives.ReadUInt16LittleEndian(extra), BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
            var field = extra[4..Math.Min(4 + length, extra.Length)];
            if (id == Extra64)
                return field;
            extra = extra[(4 + field.Length)..];
        }

        return [];
    }

    /// <summary>A number of 32 bits, or the next one of the 64-bit field where it is all ones.</summary>
    private static long Widen(uint number, ref ReadOnlySpan<byte> wide)
    {
        if (number != uint.MaxValue || wide.Length < sizeof(long))
            return number;
        var result = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return result;
    }

    private byte[] Bytes(long offset, long length)
    {
        if (offset < 0 || length < 0 || length > MaxDirectoryLength || offset > _stream.Length - length)
            throw Damaged("its directory points outside of the file");
        var bytes = new byte[length];
        _stream.Position = offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private TorchFileException Damaged(string detail) => new(TorchFileProblem.Archive, _path, $"the archive is damaged or not one of torch.save: {detail}.");

    private static ushort UInt16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint UInt32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static long Int64(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}
