using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Lets what the current thread computes run on this thread alone while it lives.</summary>
/// <remarks>
/// Small decompositions and short blocks take longer shared between threads than alone, and work that has threads of its own
/// already gains nothing from more. Other threads of the process keep theirs, which libtorch's own setting would not do.
/// Where the runtime of those threads cannot be reached (other systems than Linux), nothing changes but the time.
/// </remarks>
internal readonly struct OneThread : IDisposable
{
    private static readonly Action<int>? SetThreads = Find();

    private readonly int _before;

    private OneThread(int before) => _before = before;

    /// <summary>Begins; dispose on the same thread.</summary>
    public static OneThread Begin()
    {
        TorchRuntime.EnsureLoaded();
        // Asking makes libtorch set this thread up, which would undo the next line later.
        var before = get_num_threads();
        SetThreads?.Invoke(1);
        return new(before);
    }

    /// <summary>Gives the thread back what it had.</summary>
    public void Dispose() => SetThreads?.Invoke(_before);

    private static Action<int>? Find()
    {
        var library = Path.Combine(TorchRuntime.EnsureLoaded(), "libtorch_cpu.so");
        return OperatingSystem.IsLinux() && NativeLibrary.TryLoad(library, out var handle) && NativeLibrary.TryGetExport(handle, "omp_set_num_threads", out var function)
            ? Marshal.GetDelegateForFunctionPointer<ThreadSetter>(function).Invoke
            : null;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void ThreadSetter(int count);
}
