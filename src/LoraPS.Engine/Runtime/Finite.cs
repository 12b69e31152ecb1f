using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Finds NaN and infinite numbers.</summary>
/// <remarks>In both, all bits of the exponent are set and in no other number: a look at the bits spares the tensors that libtorch's comparisons make.</remarks>
public static class Finite
{
    private const ushort Float16Exponent = 0x7C00;
    private const ushort BFloat16Exponent = 0x7F80;
    private const uint Float32Exponent = 0x7F80_0000;

    /// <summary>True if every element is a finite number.</summary>
    /// <param name="tensor">Any shape, type and device.</param>
    public static bool All(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using var scope = NewDisposeScope();
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && tensor.numel() * tensor.element_size() <= int.MaxValue)
        {
            switch (tensor.dtype)
            {
                case ScalarType.Float16:
                    return NoneHasAll(MemoryMarshal.Cast<byte, ushort>(tensor.bytes), Float16Exponent);
                case ScalarType.BFloat16:
                    return NoneHasAll(MemoryMarshal.Cast<byte, ushort>(tensor.bytes), BFloat16Exponent);
                case ScalarType.Float32:
                    return NoneHasAll(MemoryMarshal.Cast<byte, uint>(tensor.bytes), Float32Exponent);
            }
        }

        return tensor.isfinite().all().item<bool>();
    }

    private static bool NoneHasAll<T>(ReadOnlySpan<T> values, T bits)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (mask, found) = (new Vector<T>(bits), Vector<T>.Zero);
        var vectors = MemoryMarshal.Cast<T, Vector<T>>(values);
        foreach (var vector in vectors)
            found |= Vector.Equals(vector & mask, mask);
        foreach (var value in values[(vectors.Length * Vector<T>.Count)..])
        {
            if ((value & bits) == bits)
                return false;
        }

        return found == Vector<T>.Zero;
    }
}
