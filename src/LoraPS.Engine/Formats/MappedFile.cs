using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>A file in memory, from which tensors are taken without copying.</summary>
/// <remarks>
/// The map is private (copy on write): writing to a tensor in place changes the tensor and never the file. Every tensor
/// holds a reference on the view's handle, so that the memory stays mapped until this object and all its tensors are gone.
/// </remarks>
internal sealed partial class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>Maps a file.</summary>
    /// <param name="stream">The open file, not empty. It stays the caller's.</param>
    public MappedFile(FileStream stream)
    {
        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Deleter(nint data);

    /// <summary>The tensor over some of the file's bytes; a copy where the bytes are not aligned to the element size.</summary>
    public unsafe Tensor View(TensorInfo info)
    {
        long[] shape = [.. info.Shape];
        if (info.ByteCount == 0)
            return empty(shape, info.DType.ToScalarType());

        byte* start = null;
        var handle = _view.SafeMemoryMappedViewHandle;
        handle.AcquirePointer(ref start);
        var data = (nint)(start + _view.PointerOffset + info.Offset);
        if (data % info.DType.ByteSize() != 0)
        {
            handle.ReleasePointer();
            return Copy(info, shape);
        }

        GCHandle keepAlive = default;
        Deleter release = _ =>
        {
            handle.ReleasePointer();
            keepAlive.Free();
        };
        keepAlive = GCHandle.Alloc(release);
        var type = (sbyte)info.DType.ToScalarType();
        var tensor = NewTensor(data, Marshal.GetFunctionPointerForDelegate(release), shape, shape.Length, type, type, (int)DeviceType.CPU, -1, 0);
        if (tensor == 0)
        {
            release(data);
            CheckForErrors();
        }

        return Tensor.UnsafeCreateTensor(tensor);
    }

    /// <summary>Lets go of the map; tensors taken from it stay valid.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private Tensor Copy(TensorInfo info, long[] shape)
    {
        var copy = empty(shape, info.DType.ToScalarType());
        using var bytes = _file.CreateViewStream(info.Offset, info.ByteCount, MemoryMappedFileAccess.CopyOnWrite);
        copy.ReadBytesFromStream(bytes, bufferSize: 1 << 16);
        return copy;
    }

    // TorchSharp makes tensors over managed arrays with this function of its native library; it offers no public way to
    // make one over other memory.
    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    [UnmanagedCallConv(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static partial nint NewTensor(
        nint data, nint deleter, [In] long[] sizes, int dimensions, sbyte elementType, sbyte type, int deviceType, int deviceIndex, byte requiresGradient);
}
