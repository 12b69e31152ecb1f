namespace LoraPS.Engine.Formats;

/// <summary>A folder that appears under its name whole or not at all.</summary>
/// <remarks>
/// It is filled under a temporary name beside the destination. <see cref="Commit"/> renames it; an older folder is moved
/// aside first and put back if that fails. <see cref="Dispose"/> without it deletes what was made.
/// </remarks>
public sealed class AtomicFolder : IDisposable
{
    /// <summary>Makes the temporary folder.</summary>
    /// <param name="path">The destination.</param>
    /// <exception cref="WriteFailedException">The destination is a file, or no folder can be made beside it.</exception>
    public AtomicFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        TemporaryPath = AtomicFile.TemporarySibling(Path);
        Try(() =>
        {
            if (File.Exists(Path))
                throw new IOException("It is a file.");
            Directory.CreateDirectory(TemporaryPath);
        });
    }

    /// <summary>The destination, as a full path.</summary>
    public string Path { get; }

    /// <summary>Where to put the files.</summary>
    public string TemporaryPath { get; }

    /// <summary>Copies a file into the folder; where the source is a link, what it points to.</summary>
    /// <param name="source">The file.</param>
    /// <param name="relativePath">Its place in the folder.</param>
    /// <exception cref="WriteFailedException">The system refused.</exception>
    public void Copy(string source, string relativePath) => Try(() =>
    {
        var target = System.IO.Path.Combine(TemporaryPath, relativePath);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        File.Copy(source, target);
    });

    /// <summary>Puts the folder in its place, instead of an older one.</summary>
    /// <exception cref="WriteFailedException">The old folder may not be replaced; it is unchanged.</exception>
    public void Commit() => Try(() =>
    {
        var aside = Directory.Exists(Path) ? AtomicFile.TemporarySibling(Path) : null;
        if (aside is not null)
            Directory.Move(Path, aside);
        try
        {
            Directory.Move(TemporaryPath, Path);
        }
        catch when (aside is not null)
        {
            Directory.Move(aside, Path);
            throw;
        }

        if (aside is not null)
            Directory.Delete(aside, recursive: true);
    });

    /// <summary>Deletes what was made unless it was committed.</summary>
    public void Dispose()
    {
        if (Directory.Exists(TemporaryPath))
            Directory.Delete(TemporaryPath, recursive: true);
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(Path, e);
        }
    }
}
