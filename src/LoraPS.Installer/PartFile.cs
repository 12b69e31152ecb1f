using System.Security.Cryptography;
using LoraPS.Engine.Formats;

namespace LoraPS.Installer;

/// <summary>A file that is being fetched. It outlives the run, so that the next one goes on where this one ended.</summary>
/// <remarks>It is held open for itself alone: two runs cannot write one part.</remarks>
internal sealed class PartFile : IDisposable
{
    private const string Extension = ".part";
    private readonly string _path;
    private FileStream? _stream;

    /// <summary>Opens the part of a file, or begins it.</summary>
    /// <param name="path">Where the file goes once it is whole.</param>
    /// <exception cref="WriteFailedException">It cannot be written, or another run is writing it.</exception>
    public PartFile(string path)
    {
        _path = path;
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            _stream = new FileStream(path + Extension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            _stream.Seek(0, SeekOrigin.End);
        });
    }

    /// <summary>How many bytes there are.</summary>
    public long Length => Stream.Length;

    /// <summary>The part, open at its end.</summary>
    public Stream Stream => _stream!;

    /// <summary>Appends bytes.</summary>
    /// <exception cref="WriteFailedException">The system refused, such as when the disk is full.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Stream.Write(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(_path, e);
        }
    }

    /// <summary>Throws away what there is.</summary>
    public void Restart() => Stream.SetLength(0);

    /// <summary>SHA-512 of what there is, in base64.</summary>
    public string Hash()
    {
        Stream.Flush();
        Stream.Position = 0;
        return Convert.ToBase64String(SHA512.HashData(Stream));
    }

    /// <summary>Gives the file its name.</summary>
    public void Complete() => Try(() =>
    {
        _stream!.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_path + Extension, _path, overwrite: true);
    });

    /// <summary>Deletes the part.</summary>
    public void Delete()
    {
        Dispose();
        File.Delete(_path + Extension);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(_path, e);
        }
    }
}
