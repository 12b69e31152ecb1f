using System.Runtime.InteropServices;

namespace LoraPS.Engine.Formats;

/// <summary>A folder that appears under its name whole or not at all.</summary>
/// <remarks>
/// It is filled under a temporary name beside the destination. <see cref="Commit"/> renames it, where an older folder is by
/// exchanging the two in one step; on systems that cannot, the older one is moved aside first, and put back if that fails or
/// by the next run (<see cref="Leftovers"/>). <see cref="Dispose"/> without it deletes what was made.
/// </remarks>
public sealed partial class AtomicFolder : IDisposable
{
    /// <summary>What the name of an older folder that is moved aside ends in.</summary>
    internal const string AsideExtension = ".old";

    private const int CurrentFolder = -100;
    private const uint Exchange = 2;

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
        if (TryExchange())
            return;
        var aside = Directory.Exists(Path) ? AtomicFile.TemporarySibling(Path, AsideExtension) : null;
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

    /// <summary>Deletes what was made unless it was committed, and the older folder where the two were exchanged.</summary>
    public void Dispose()
    {
        if (Directory.Exists(TemporaryPath))
            Directory.Delete(TemporaryPath, recursive: true);
    }

    private bool TryExchange()
    {
        try
        {
            return OperatingSystem.IsLinux() && Directory.Exists(Path) && RenameAt(CurrentFolder, TemporaryPath, CurrentFolder, Path, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (SystemRefusal.Is(e))
        {
            throw new WriteFailedException(Path, e);
        }
    }
}
