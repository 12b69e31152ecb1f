using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>The numbers of a tensor in managed memory, to hand them to another thread: tensors themselves stay on theirs.</summary>
/// <param name="DType">Type of the numbers.</param>
/// <param name="Shape">Sides.</param>
/// <param name="Bytes">The numbers, row by row.</param>
internal sealed record TensorCopy(ScalarType DType, long[] Shape, byte[] Bytes)
{
    /// <summary>Copies a tensor of the CPU, contiguous or not.</summary>
    public static TensorCopy Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new(tensor.dtype, tensor.shape, tensor.contiguous().bytes.ToArray());
    }

    /// <summary>Copies a tensor where there is one.</summary>
    public static TensorCopy? OfAny(Tensor? tensor) => tensor is null ? null : Of(tensor);

    /// <summary>A tensor with these numbers, the caller's to dispose.</summary>
    public Tensor ToTensor()
    {
        var tensor = empty(Shape, DType);
        Bytes.CopyTo(tensor.bytes);
        return tensor;
    }
}
