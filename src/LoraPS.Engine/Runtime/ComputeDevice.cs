using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Turns the name of a device into one that can be computed on. The one place that knows which there are.</summary>
public static class ComputeDevice
{
    /// <summary>The name that takes the best device there is.</summary>
    public const string Auto = "auto";

    private const string Cuda = "cuda";
    private const string Mps = "mps";

    /// <summary>Names that are understood; "cuda" may be followed by a number, as in "cuda:1".</summary>
    public static IReadOnlyList<string> Names { get; } = [Auto, "cpu", Cuda, Mps];

    /// <summary>Finds a device.</summary>
    /// <param name="name">"auto" (a CUDA device, else Apple's, else the CPU), "cpu", "cuda", "cuda:N" or "mps".</param>
    /// <exception cref="ArgumentException">There is no such name.</exception>
    /// <exception cref="DeviceUnavailableException">This machine, or the libtorch that is loaded, has no such device.</exception>
    public static Device Resolve(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        TorchRuntime.EnsureLoaded();
        return name.ToLowerInvariant() switch
        {
            Auto => new Device(CudaCount() > 0 ? DeviceType.CUDA : HasMps() ? DeviceType.MPS : DeviceType.CPU),
            "cpu" => new Device(DeviceType.CPU),
            Mps => HasMps() ? new Device(DeviceType.MPS) : throw new DeviceUnavailableException(name, "it exists on Macs with Apple silicon only. Use cpu or auto."),
            var other => new Device(DeviceType.CUDA, CudaIndex(other, name)),
        };
    }

    /// <summary>The devices of this machine that can be used, the best first. The first is what "auto" takes.</summary>
    /// <exception cref="TorchUnavailableException">libtorch does not load.</exception>
    public static IReadOnlyList<DeviceInfo> List()
    {
        var libtorch = TorchRuntime.EnsureLoaded();
        string[] names = [.. Enumerable.Range(0, CudaCount()).Select(index => $"{Cuda}:{index}"), .. HasMps() ? [Mps] : Array.Empty<string>(), "cpu"];
        return names.Select((name, place) => new DeviceInfo(name, place == 0, name == "cpu" ? get_num_threads() : null, libtorch)).ToArray();
    }

    private static int CudaIndex(string name, string given)
    {
        var index = 0;
        if (name != Cuda && !(name.StartsWith(Cuda + ":", StringComparison.Ordinal) && int.TryParse(name.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
            throw new ArgumentException($"'{given}' names no device. Devices are {string.Join(", ", Names)}, and cuda:N for the card with the number N.", nameof(given));
        var count = CudaCount();
        return index < count ? index : throw new DeviceUnavailableException(given, count > 0
            ? $"there are {count} CUDA devices, numbered from 0."
            : $"{Reason()} Use cpu or auto.");
    }

    // TorchSharp is asked only where the library is there: otherwise it searches the disk for it and writes to the console.
    private static int CudaCount() => TorchRuntime.HasCuda && cuda.is_available() ? cuda.device_count() : 0;

    private static bool HasMps() => OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static string Reason() => TorchRuntime.HasCuda
        ? "libtorch finds no CUDA device or no driver for it."
        : $"the libtorch in {TorchRuntime.EnsureLoaded()} is built for the CPU alone. Run Install-LoraRuntime -Backend Cuda, or set LORAPS_LIBTORCH to a folder with libtorch {LibTorch.Version} for CUDA.";
}
