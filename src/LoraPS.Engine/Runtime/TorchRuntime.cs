using System.Runtime.InteropServices;

namespace LoraPS.Engine.Runtime;

/// <summary>Finds and loads libtorch, once a process, at the first call that computes.</summary>
/// <remarks>
/// The libraries are loaded by full path before TorchSharp looks for them, so that TorchSharp's own search (which copies
/// libraries about and writes to the console when it fails) never runs. Folders, in this order: the environment variable
/// <c>LORAPS_LIBTORCH</c>, the folder of TorchSharp.dll (the module as shipped), and the runtime configuration value
/// <c>LoraPS.NativeDirectory</c> (programs and tests of this repository).
/// </remarks>
public static partial class TorchRuntime
{
    private const string CudaLibrary = "torch_cuda";
    private static readonly Lazy<string> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>True once libtorch is loaded. Asking does not load it.</summary>
    public static bool IsLoaded => Loaded.IsValueCreated;

    /// <summary>True if the libtorch that is loaded is built for CUDA. Whether there is a device is another question.</summary>
    public static bool HasCuda => File.Exists(Path.Combine(EnsureLoaded(), NativeFileName(CudaLibrary)));

    /// <summary>Loads libtorch if it is not loaded yet.</summary>
    /// <returns>The folder it was loaded from.</returns>
    /// <exception cref="TorchUnavailableException">No folder holds it, or it does not load on this machine.</exception>
    public static string EnsureLoaded() => Loaded.Value;

    private static string Load()
    {
        var bridge = NativeFileName("LibTorchSharp");
        var searched = SearchFolders().ToList();
        var folder = searched.Find(f => File.Exists(Path.Combine(f, bridge)))
            ?? throw new TorchUnavailableException(
                $"{bridge} was not found in: {string.Join(", ", searched)}. Build the module again (dotnet build), or set LORAPS_LIBTORCH to a folder that holds libtorch 2.10.0 and {bridge}.",
                searched[0]);
        if (OperatingSystem.IsLinux())
            Tune();
        try
        {
            // In order of need: the C++ runtime of libtorch first, the bridge last.
            foreach (var library in new[] { "c10", "torch_cpu", "c10_cuda", CudaLibrary, "torch", "LibTorchSharp" })
            {
                var path = Path.Combine(folder, NativeFileName(library));
                if (File.Exists(path))
                    NativeLibrary.Load(path);
            }

            TorchSharp.torch.InitializeDeviceType(TorchSharp.DeviceType.CPU);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException)
        {
            throw new TorchUnavailableException(
                $"libtorch in {folder} does not load: {e.Message.Trim()} Check that the libraries are for {RuntimeInformation.RuntimeIdentifier} and complete, or set LORAPS_LIBTORCH to another folder.",
                folder, e);
        }

        return folder;
    }

    /// <summary>Two settings that libtorch reads when it is loaded, unless the user chose otherwise.</summary>
    /// <remarks>
    /// Threads sleep while they wait for each other. They spin by default, and on a machine that does other work too, a
    /// spinning thread keeps the one it waits for from running: a training step takes thirty times as long. And large
    /// tensors get large pages, which takes a tenth off the time of a step: the system clears and maps them anew each time.
    /// </remarks>
    private static void Tune()
    {
        _ = SetEnvironmentVariable("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        _ = SetEnvironmentVariable("THP_MEM_ALLOC_ENABLE", "1", overwrite: 0);
    }

    /// <summary>Sets a variable where native code sees it; .NET's own method changes only a copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);

    private static IEnumerable<string> SearchFolders()
    {
        if (Environment.GetEnvironmentVariable("LORAPS_LIBTORCH") is { Length: > 0 } named)
            yield return named;
        yield return Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location) ?? AppContext.BaseDirectory;
        if (AppContext.GetData("LoraPS.NativeDirectory") is string configured)
            yield return configured;
    }

    private static string NativeFileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{library}.dylib"
        : $"lib{library}.so";
}
