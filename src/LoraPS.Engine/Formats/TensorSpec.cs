using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>Name, type and shape of a tensor that is to be written.</summary>
/// <param name="Name">The key, any Unicode text.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes of the dimensions; empty for a scalar. A size may be 0.</param>
public sealed record TensorSpec(string Name, SafetensorsDType DType, IReadOnlyList<long> Shape)
{
    /// <summary>Most dimensions that are read from files; as many as NumPy has.</summary>
    internal const int MaxDimensions = 64;

    /// <summary>Describes a tensor in memory.</summary>
    public static TensorSpec Of(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(name, tensor.dtype.ToSafetensorsDType(), tensor.shape);
    }

    /// <summary>Length in bytes.</summary>
    /// <exception cref="OverflowException">The shape does not fit a file.</exception>
    public long ByteCount => Shape.Aggregate((long)DType.ByteSize(), (bytes, side) => checked(bytes * side));
}
