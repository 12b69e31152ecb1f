using System.Diagnostics;
using LoraPS.Reliability.Crash;

namespace LoraPS.Reliability.Disk;

/// <summary>A small file system of its own (tmpfs); only root can make one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Block = 4096;
    private readonly string _path;

    private SmallDisk(string path) => _path = path;

    private string Filler => Path.Combine(_path, OutputFiles.Filler);

    /// <summary>Mounts one over a folder; null where that is not allowed.</summary>
    /// <param name="path">The folder, empty.</param>
    /// <param name="megabytes">Its size.</param>
    public static SmallDisk? Mount(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        return OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) ? new(path) : null;
    }

    /// <summary>Fills it but for some bytes.</summary>
    public void LeaveFree(long bytes)
    {
        File.Delete(Filler);
        var available = new DriveInfo(_path).AvailableFreeSpace;
        using var file = File.Create(Filler);
        var block = new byte[Block];
        for (var left = (available - bytes) / Block; left > 0; left--)
            file.Write(block);
    }

    /// <summary>Empties it again, but for results.</summary>
    public void Free() => File.Delete(Filler);

    /// <summary>Makes it read-only, or writable again.</summary>
    public void SetReadOnly(bool value)
    {
        if (!Run("mount", "-o", value ? "remount,ro" : "remount,rw", _path))
            throw new InvalidOperationException($"{_path} cannot be mounted anew.");
    }

    public void Dispose() => Run("umount", "-l", _path);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
