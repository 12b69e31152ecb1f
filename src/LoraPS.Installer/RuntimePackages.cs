using System.IO.Enumeration;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer;

/// <summary>How libtorch is split into NuGet packages.</summary>
/// <remarks>
/// The CPU's is one package. CUDA's is a head without files whose dependencies are its parts; a library too large for one
/// package lies in a "-primary" and several "-fragmentN" packages. Follows TorchSharp's pkg folder at c20b6a1c.
/// </remarks>
internal static class RuntimePackages
{
    private const string CudaVersion = "12.8";

    // Not needed to compute: the Python binding, test helpers, the Android back end, and what is for linking.
    private static readonly string[] Unwanted = ["*python*", "*_test*", "*nnapi*", "*backend_with_compiler*", "*aoti_custom*", "*.lib", "*.pdb"];

    /// <summary>The package to ask for first.</summary>
    /// <exception cref="RuntimeInstallException">There is none for the platform.</exception>
    public static string Head(RuntimeBackend backend, string rid) => (backend, rid) switch
    {
        (RuntimeBackend.Cpu, "linux-x64" or "win-x64" or "win-arm64" or "osx-arm64") => $"libtorch-cpu-{rid}",
        (RuntimeBackend.Cuda, "linux-x64" or "win-x64") => $"libtorch-cuda-{CudaVersion}-{rid}",
        _ => throw new RuntimeInstallException(
            "RuntimePlatformUnsupported",
            $"There is no package of libtorch {LibTorch.Version} for {backend} on {rid}. Use -Backend Cpu, or -Path with a folder that holds a build of your own.",
            rid),
    };

    /// <summary>True for a dependency of the head that is one of its parts; nothing else is ever fetched for it.</summary>
    public static bool IsPart(string head, string id) => id.StartsWith($"{head}-part", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for a file of libtorch that computing needs.</summary>
    public static bool IsWanted(string fileName) => !Array.Exists(Unwanted, pattern => FileSystemName.MatchesSimpleExpression(pattern, fileName));
}
