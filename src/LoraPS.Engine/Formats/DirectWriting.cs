using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LoraPS.Engine.Formats;

/// <summary>Has an open file written past the system's memory of files (O_DIRECT). Linux only; elsewhere nothing changes.</summary>
internal static partial class DirectWriting
{
    /// <summary>Memory, offsets and lengths must be multiples of it. Disks ask for 512 or 4096.</summary>
    public const int Alignment = 4096;

    private const int GetFlags = 3;
    private const int SetFlags = 4;

    // Not the same on all processors; none other is supported.
    private static readonly int DirectFlag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary>Begins.</summary>
    /// <returns>False where it cannot be; a file system may also refuse later, at the first write.</returns>
    public static bool Begin(SafeFileHandle file) => OperatingSystem.IsLinux() && Change(file, flags => flags | DirectFlag);

    /// <summary>Ends it: what follows is written in the common way.</summary>
    public static void End(SafeFileHandle file) => Change(file, flags => flags & ~DirectFlag);

    private static bool Change(SafeFileHandle file, Func<int, int> change) =>
        Control(file, GetFlags, 0) is >= 0 and var flags && Control(file, SetFlags, change(flags)) >= 0;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
