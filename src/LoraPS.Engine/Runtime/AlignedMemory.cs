using System.Runtime.InteropServices;

namespace LoraPS.Engine.Runtime;

/// <summary>Memory outside the garbage collector's, zero at first, that begins where vectors or pages do.</summary>
/// <typeparam name="T">What is kept in it.</typeparam>
internal sealed unsafe class AlignedMemory<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Takes the memory.</summary>
    /// <param name="count">How many there is room for.</param>
    /// <param name="alignment">The first one's address is a multiple of it; a power of two. The default is a cache line.</param>
    public AlignedMemory(long count, int alignment = 64)
    {
        Start = (T*)NativeMemory.AlignedAlloc((nuint)count * (nuint)sizeof(T), (nuint)alignment);
        NativeMemory.Clear(Start, (nuint)count * (nuint)sizeof(T));
    }

    /// <summary>The first.</summary>
    public T* Start { get; }

    /// <summary>Frees it.</summary>
    public void Dispose() => NativeMemory.AlignedFree(Start);
}
