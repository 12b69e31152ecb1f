using System.Security.Cryptography;
using System.Text;

namespace LoraPS.Engine.Formats;

/// <summary>A file that appears under its name whole or not at all.</summary>
/// <remarks>
/// Bytes go to a temporary file in the destination's own folder. <see cref="Commit"/> flushes them to the disk and renames
/// over the destination; <see cref="Dispose"/> without it deletes them. Readers that have the old file open or mapped keep
/// the old bytes.
/// </remarks>
public sealed class AtomicFile : IDisposable
{
    /// <summary>What the names of unfinished files and folders end in.</summary>
    internal const string TemporaryExtension = ".tmp";

    // File names have at most 255 bytes, and a character up to 4.
    private const int TemporaryPrefixLength = 50;
    private const int HashLength = 8;
    private const int MostTries = 5;

    /// <summary>Bytes handed to the system at a time. For longer writes it looks for memory in one piece, which takes four times as long where memory is full.</summary>
    private const int WriteLength = 128 << 10;

    private readonly string _temporaryPath;
    private readonly FileStream _stream;
    private BackgroundWriter? _background;
    private byte[]? _block;
    private long _writingUpTo;

    /// <summary>Starts a file; the folder is made if it is missing.</summary>
    /// <param name="path">The destination.</param>
    /// <param name="expectedLength">How many bytes it will have, where that is known: room for them is taken at once, and a large file is written in the background. 0 takes none.</param>
    /// <exception cref="WriteFailedException">The destination is a folder, or no file can be made beside it, or it has no room on the disk.</exception>
    public AtomicFile(string path, long expectedLength = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            if (Directory.Exists(Path))
                throw new IOException("It is a folder.");
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            _stream = Create(Path, expectedLength);
            _temporaryPath = _stream.Name;
            if (expectedLength > BackgroundWriter.BlockLength)
                _background = new(_stream.SafeFileHandle);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(Path, e);
        }
    }

    /// <summary>The destination, as a full path.</summary>
    public string Path { get; }

    /// <summary>A name in the same folder that nothing uses and that file listings hide.</summary>
    internal static string TemporarySibling(string path, string extension = TemporaryExtension) => System.IO.Path.Combine(
        System.IO.Path.GetDirectoryName(path) ?? "", $"{TemporaryPrefix(path)}.{System.IO.Path.GetRandomFileName()}{extension}");

    /// <summary>What all such names of a destination begin with.</summary>
    internal static string TemporaryPrefix(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        // Names that are cut must not become one.
        return name.Length <= TemporaryPrefixLength ? $".{name}" : BeginningOf(path) + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
    }

    private static string BeginningOf(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return $".{name[..Math.Min(name.Length, TemporaryPrefixLength - HashLength)]}";
    }

    /// <summary>Deletes the temporary files of processes that were killed while they wrote; those still being written are left alone.</summary>
    /// <param name="path">What the paths of their destinations begin with.</param>
    internal static void DeleteLeftovers(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        DeleteLeftovers(System.IO.Path.GetDirectoryName(full)!, name => name.StartsWith(BeginningOf(full), StringComparison.Ordinal));
    }

    /// <summary>As <see cref="DeleteLeftovers(string)"/>, in a folder of many destinations.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isOurs">True for the names of files that may go.</param>
    internal static void DeleteLeftovers(string folder, Func<string, bool> isOurs)
    {
        foreach (var leftover in Directory.EnumerateFiles(folder, $".*{TemporaryExtension}"))
        {
            if (!isOurs(System.IO.Path.GetFileName(leftover)))
                continue;
            try
            {
                // Its writer holds it open for itself alone.
                using (new FileStream(leftover, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    File.Delete(leftover);
            }
            catch (Exception e) when (SystemRefusal.Is(e))
            {
                // It is in use, or not ours to delete.
            }
        }
    }

    /// <summary>Writes to the stream itself, which stands behind what was written so far.</summary>
    /// <param name="write">Writes to the stream it is given. Only its writing may raise <see cref="IOException"/>s.</param>
    /// <exception cref="WriteFailedException">The system refused, such as when the disk is full.</exception>
    public void Write(Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            FinishBackground();
            write(_stream);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(Path, e);
        }
    }

    /// <summary>Writes the next bytes.</summary>
    /// <exception cref="WriteFailedException">The system refused, such as when the disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_background is null)
                WriteToStream(bytes);
            else
                _background.Write(bytes);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(Path, e);
        }
    }

    /// <summary>Writes the next bytes, each as it is fetched, without a copy where the file is large.</summary>
    /// <param name="count">How many.</param>
    /// <param name="fetch">Fills what it is given with the next of them.</param>
    /// <exception cref="WriteFailedException">The system refused, such as when the disk is full.</exception>
    internal void Write(long count, ByteSource fetch)
    {
        for (int length; count > 0; count -= length)
        {
            var room = Room(count);
            length = room.Length;
            fetch(room);
            if (_background is null)
                Write(room);
            else
                _background.Advance(length);
        }
    }

    /// <summary>Puts the file in its place, over an older one.</summary>
    /// <exception cref="WriteFailedException">The disk is full, or the old file may not be replaced.</exception>
    public void Commit() => Write(_ =>
    {
        _stream.Flush(flushToDisk: true);
        // Still open, and so not taken for a leftover by another run.
        File.Move(_temporaryPath, Path, overwrite: true);
        _stream.Dispose();
    });

    /// <summary>Deletes what was written unless it was committed.</summary>
    public void Dispose()
    {
        _background?.Dispose();
        _background = null;
        try
        {
            _stream.Dispose();
            File.Delete(_temporaryPath);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            // A full disk fails the last flush too; the error that matters is already on its way.
            File.Delete(_temporaryPath);
        }
    }

    /// <summary>Makes the temporary file. Making and locking are two steps, between which another run may clear it away: then it is made again.</summary>
    private static FileStream Create(string path, long expectedLength)
    {
        // Windows renames an open file only where that is shared.
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None,
            BufferSize = 1 << 16,
            PreallocationSize = expectedLength,
        };
        for (var tries = 1; ; tries++)
        {
            var stream = new FileStream(TemporarySibling(path), options);
            if (tries == MostTries || File.Exists(stream.Name))
                return stream;
            stream.Dispose();
        }
    }

    // The background's own where there is one.
    private Span<byte> Room(long count)
    {
        if (_background is null)
            return (_block ??= new byte[WriteLength]).AsSpan(0, (int)Math.Min(count, WriteLength));
        try
        {
            return _background.Room(count);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(Path, e);
        }
    }

    private void FinishBackground()
    {
        if (_background is null)
            return;
        _background.Finish();
        _stream.Position = _background.Length;
        _background.Dispose();
        _background = null;
    }

    private void WriteToStream(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, WriteLength)..])
            _stream.Write(bytes[..Math.Min(bytes.Length, WriteLength)]);
        var written = _stream.Position;
        if (written - _writingUpTo < DiskWriteback.Interval)
            return;
        DiskWriteback.Start(_stream.SafeFileHandle, _writingUpTo, written - _writingUpTo);
        _writingUpTo = written;
    }
}
