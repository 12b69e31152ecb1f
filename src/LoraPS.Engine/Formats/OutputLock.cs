namespace LoraPS.Engine.Formats;

/// <summary>Keeps a destination for one run: whoever else wants to write it meanwhile is refused.</summary>
/// <remarks>
/// A hidden file beside the destination, open for its owner alone. A process that is killed lets go of it; its file is then
/// taken over. Whoever holds it clears away what killed runs left half written of this destination. Where the file system
/// knows no locks nobody is refused, and the last result to be finished stays.
/// </remarks>
internal sealed class OutputLock : IDisposable
{
    private const string Extension = ".lock";
    private const int MostMarks = 1 << 16;

    private readonly FileStream _file;
    private readonly string? _madeFolder;

    private OutputLock(FileStream file, string? madeFolder) => (_file, _madeFolder) = (file, madeFolder);

    /// <summary>Takes a destination.</summary>
    /// <param name="path">The file or folder that is to be made; its folder is made if it is missing.</param>
    /// <exception cref="DestinationInUseException">Another run has it.</exception>
    /// <exception cref="WriteFailedException">Nothing can be written there.</exception>
    public static OutputLock Take(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var folder = Path.GetDirectoryName(full)!;
        try
        {
            var isNew = !Directory.Exists(folder);
            Directory.CreateDirectory(folder);
            var taken = new OutputLock(Open(full), isNew ? folder : null);
            Leftovers.Clear(full);
            return taken;
        }
        catch (IOException e) when (IsInUse(e))
        {
            throw new DestinationInUseException(full);
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(full, e);
        }
    }

    /// <summary>Lets the destination go.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (_madeFolder is null)
            return;
        try
        {
            // Only where nothing came of the work: a folder with a result in it is not deleted.
            Directory.Delete(_madeFolder);
        }
        catch (IOException)
        {
            // The usual case.
        }
    }

    private static FileStream Open(string path)
    {
        var place = Path.Combine(Path.GetDirectoryName(path)!, AtomicFile.TemporaryPrefix(path) + Extension);
        var file = new FileStream(place, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        // The file may be one that its owner deleted at this very moment: then what is done to it is not seen under its name.
        try
        {
            var mark = Random.Shared.Next(1, MostMarks);
            file.SetLength(mark);
            return new FileInfo(place) is { Exists: true, Length: var length } && length == mark ? file : throw new DestinationInUseException(path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // EWOULDBLOCK of Linux and of macOS, and Windows' sharing violation.
    private static bool IsInUse(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
