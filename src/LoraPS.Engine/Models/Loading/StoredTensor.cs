using LoraPS.Engine.Formats;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Loading;

/// <summary>A tensor of a file, not read yet.</summary>
/// <param name="File">The open file.</param>
/// <param name="Info">What its header says of the tensor.</param>
internal sealed record StoredTensor(SafetensorsFile File, TensorInfo Info)
{
    /// <summary>Whether the tensor can stand for one of the given shape.</summary>
    /// <remarks>A matrix and the kernel of a 1x1 convolution are the same map; which of the two a file holds depends on who wrote it.</remarks>
    public bool Fits(ReadOnlySpan<long> shape) => Matrix([.. Info.Shape]).SequenceEqual(Matrix(shape));

    /// <summary>Reads the tensor: a view of the memory map if nothing has to be changed, a copy otherwise.</summary>
    public Tensor Read(long[] shape, ModelLoadOptions options)
    {
        using var scope = NewDisposeScope();
        return File.Read(Info.Name).to(options.DType, options.Device ?? CPU).reshape(shape).MoveToOuterDisposeScope();
    }

    private static ReadOnlySpan<long> Matrix(ReadOnlySpan<long> shape) => shape is [_, _, 1, 1] ? shape[..2] : shape;
}
