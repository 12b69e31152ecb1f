using System.Reflection;
using System.Runtime.InteropServices;

namespace LoraPS.Engine.Runtime;

/// <summary>What is known of libtorch without loading it.</summary>
public static class LibTorch
{
    /// <summary>The version that the module was built against, and the only one that works: "2.10.0".</summary>
    public static string Version { get; } = typeof(LibTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "LibTorchVersion").Value!;

    /// <summary>NuGet's name of this platform: "linux-x64", "win-x64", "osx-arm64".</summary>
    public static string Rid { get; } = $"{System}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string System => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    /// <summary>The file of a library on this platform: "torch_cpu" is libtorch_cpu.so, torch_cpu.dll or libtorch_cpu.dylib.</summary>
    /// <param name="library">Its plain name.</param>
    public static string FileName(string library) => FileName(library, Rid);

    /// <summary>The file of a library on a platform.</summary>
    /// <param name="library">Its plain name.</param>
    /// <param name="rid">NuGet's name of the platform.</param>
    public static string FileName(string library, string rid)
    {
        ArgumentNullException.ThrowIfNull(rid);
        return rid.StartsWith("win", StringComparison.Ordinal) ? $"{library}.dll"
            : rid.StartsWith("osx", StringComparison.Ordinal) ? $"lib{library}.dylib"
            : $"lib{library}.so";
    }
}
