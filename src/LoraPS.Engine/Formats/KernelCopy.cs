using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LoraPS.Engine.Formats;

/// <summary>Copies bytes from file to file inside the system, which saves bringing them into the process and back.</summary>
/// <remarks>An offer only: Linux has it, and not between all file systems. What is not copied here is read and written.</remarks>
internal static partial class KernelCopy
{
    /// <summary>Copies as far as the system goes along.</summary>
    /// <param name="source">The open file to read.</param>
    /// <param name="sourceOffset">First byte there.</param>
    /// <param name="destination">The open file to write.</param>
    /// <param name="destinationOffset">First byte there.</param>
    /// <param name="count">How many bytes are wanted.</param>
    /// <returns>How many were copied; fewer where a file ends, the disk is full or the system cannot. Reading and writing the rest tells why.</returns>
    public static long Copy(SafeFileHandle source, long sourceOffset, SafeFileHandle destination, long destinationOffset, long count)
    {
        var done = 0L;
        if (!OperatingSystem.IsLinux())
            return done;
        for (nint copied = 1; copied > 0 && done < count; done += Math.Max(copied, 0))
            copied = CopyFileRange(source, ref sourceOffset, destination, ref destinationOffset, (nuint)(count - done), 0);
        return done;
    }

    // Moves both offsets on by what it copied.
    [LibraryImport("libc", EntryPoint = "copy_file_range")]
    private static partial nint CopyFileRange(
        SafeFileHandle source, ref long sourceOffset, SafeFileHandle destination, ref long destinationOffset, nuint count, uint flags);
}
