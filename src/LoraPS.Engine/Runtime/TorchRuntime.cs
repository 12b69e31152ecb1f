using System.Runtime.InteropServices;

namespace LoraPS.Engine.Runtime;

/// <summary>Finds and loads libtorch, once a process, at the first call that computes.</summary>
/// <remarks>
/// The libraries are loaded by full path before TorchSharp looks for them, so that TorchSharp's own search (which copies
/// libraries about and writes to the console when it fails) never runs. Folders, in this order: the environment variable
/// <c>LORAPS_LIBTORCH</c>, what Install-LoraRuntime installed (<see cref="RuntimeStore"/>), the folder of TorchSharp.dll (the
/// module as shipped), and the runtime configuration value <c>LoraPS.NativeDirectory</c> (programs and tests of this
/// repository). TorchSharp's own native library is taken from the same folder, or from the module where that has none.
/// </remarks>
public static partial class TorchRuntime
{
    /// <summary>Name of the value of <see cref="AppContext"/> that tells the module's load context which folder is in use.</summary>
    public const string DirectoryKey = "LoraPS.LibtorchDirectory";

    private const string CudaLibrary = "torch_cuda";
    private static readonly Lazy<string> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>True once libtorch is loaded. Asking does not load it.</summary>
    public static bool IsLoaded => Loaded.IsValueCreated;

    /// <summary>True if the libtorch that is loaded is built for CUDA. Whether there is a device is another question.</summary>
    public static bool HasCuda => LibTorchFolder.Has(EnsureLoaded(), CudaLibrary);

    /// <summary>Loads libtorch if it is not loaded yet.</summary>
    /// <returns>The folder it was loaded from.</returns>
    /// <exception cref="TorchUnavailableException">No folder holds it, or it does not load on this machine.</exception>
    public static string EnsureLoaded() => Loaded.Value;

    private static string Load()
    {
        var named = Environment.GetEnvironmentVariable(LibTorchFolder.Variable);
        var store = RuntimeStore.Default;
        var installed = store.Current is { } backend ? store.FolderOf(backend) : null;
        var folder = LibTorchFolder.Choose(string.IsNullOrEmpty(named) ? null : named, installed, OwnFolders());
        if (OperatingSystem.IsLinux())
            Tune();
        AppContext.SetData(DirectoryKey, folder);
        try
        {
            // In order of need: the C++ runtime of libtorch first.
            foreach (var library in new[] { "c10", "torch_cpu", "c10_cuda", CudaLibrary, "torch" })
                LoadLibrary(folder, library);
            // The bridge last.
            if (!LoadLibrary(folder, LibTorchFolder.Bridge) && !OwnFolders().Any(own => LoadLibrary(own, LibTorchFolder.Bridge)))
                throw new DllNotFoundException($"{LibTorch.FileName(LibTorchFolder.Bridge)} is neither there nor in the module.");

            TorchSharp.torch.InitializeDeviceType(TorchSharp.DeviceType.CPU);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or NotSupportedException or TypeInitializationException)
        {
            throw new TorchUnavailableException(
                $"libtorch in {folder} does not load: {e.Message.Trim()} Check that the libraries are for {RuntimeInformation.RuntimeIdentifier} and complete. {Mend(folder, installed)}",
                folder, e);
        }

        return folder;
    }

    private static bool LoadLibrary(string folder, string library)
    {
        var path = Path.Combine(folder, LibTorch.FileName(library));
        if (!File.Exists(path))
            return false;
        _ = NativeLibrary.Load(path);
        return true;
    }

    private static string Mend(string folder, string? installed) => folder == installed
        ? $"It was installed by Install-LoraRuntime: install it again with -Force, or go back to the CPU's with Install-LoraRuntime -Backend Cpu{(LibTorchFolder.Has(folder, CudaLibrary) ? "; CUDA needs an NVIDIA driver that knows its version." : ".")}"
        : $"Or run Install-LoraRuntime, or set {LibTorchFolder.Variable} to another folder.";

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

    private static IReadOnlyList<string> OwnFolders()
    {
        var beside = Path.GetDirectoryName(typeof(TorchSharp.torch).Assembly.Location) ?? AppContext.BaseDirectory;
        return AppContext.GetData("LoraPS.NativeDirectory") is string configured ? [beside, configured] : [beside];
    }
}
