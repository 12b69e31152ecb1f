using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Tensors from managed arrays.</summary>
/// <remarks>
/// TorchSharp lets a tensor share the array's memory, which lies wherever the garbage collector put it. MKL rounds
/// differently at another alignment, so equal runs would not give equal bytes: numbers that are computed with are copied
/// into memory that libtorch aligned itself.
/// </remarks>
public static class ManagedArrays
{
    /// <summary>Copies the numbers into a tensor.</summary>
    /// <param name="values">As many as the shape has elements, last side running fastest.</param>
    /// <param name="shape">The shape.</param>
    /// <returns>float32, on the CPU.</returns>
    public static Tensor ToTensor(this float[] values, params long[] shape)
    {
        using var shared = tensor(values, shape);
        return shared.clone();
    }
}
