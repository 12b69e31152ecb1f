using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LoraPS.Engine.Formats;

/// <summary>Asks the system to bring written bytes to the disk now, so that a flush at the end has little left to wait for.</summary>
/// <remarks>
/// Linux keeps written bytes in memory for up to half a minute, and the flush of a large file then waits for all of them
/// while nothing is computed. A hint only: where the system cannot take it, everything is as it would be without.
/// </remarks>
internal static partial class DiskWriteback
{
    /// <summary>Bytes after which it is worth asking.</summary>
    public const long Interval = 32 << 20;

    private const uint StartWriting = 2;

    /// <summary>Starts writing a range of the file and returns at once.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many.</param>
    public static void Start(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux())
            _ = SyncFileRange(file, offset, count, StartWriting);
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);
}
