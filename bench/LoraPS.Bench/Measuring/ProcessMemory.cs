using System.Diagnostics;
using System.Globalization;

namespace LoraPS.Bench.Measuring;

/// <summary>The memory of this process.</summary>
public static class ProcessMemory
{
    private const double BytesPerGigabyte = 1e9;

    /// <summary>The most that was resident since the process started or <see cref="ResetPeak"/>, in GB of 10⁹ bytes.</summary>
    /// <remarks>VmHWM on Linux, which counts the pages of mapped files too; the peak working set elsewhere.</remarks>
    public static double PeakGigabytes()
    {
        if (!OperatingSystem.IsLinux())
            return Process.GetCurrentProcess().PeakWorkingSet64 / BytesPerGigabyte;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / BytesPerGigabyte;
    }

    /// <summary>Forgets the peak so far, where the system can.</summary>
    public static void ResetPeak()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
    }
}
