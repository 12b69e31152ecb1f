using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Arithmetic of tensors with numbers, and sums of tensors, that the garbage collector cannot spoil.</summary>
/// <remarks>
/// TorchSharp 0.107 wraps every number in a <see cref="Scalar"/> whose finalizer frees native memory, passes the bare
/// pointer on, and lets go of the object before libtorch has read it: a collection at that moment makes libtorch read
/// freed memory, which gives a wrong number or an exception. Its operators do so (also tensor + tensor, which passes a
/// factor of 1). Everything here holds the scalar until the call has returned; a test keeps the engine from using
/// anything else.
/// </remarks>
public static class TensorArithmetic
{
    /// <summary>left + right, element by element, broadcast.</summary>
    public static Tensor Plus(this Tensor left, Tensor right)
    {
        using var one = 1.ToScalar();
        return left.add(right, one);
    }

    /// <summary>tensor + number.</summary>
    public static Tensor Plus(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar(), one = 1.ToScalar();
        return tensor.add(scalar, one);
    }

    /// <summary>tensor · factor.</summary>
    public static Tensor Times(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul(scalar);
    }

    /// <summary>tensor · tensor, element by element.</summary>
    public static Tensor Squared(this Tensor tensor) => tensor.mul(tensor);

    /// <summary>Adds share · other to the tensor, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other, double share = 1)
    {
        using var scalar = share.ToScalar();
        return tensor.add_(other, scalar);
    }

    /// <summary>Adds a number to the tensor, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor AddInPlace(this Tensor tensor, double number)
    {
        using Scalar scalar = number.ToScalar(), one = 1.ToScalar();
        return tensor.add_(scalar, one);
    }

    /// <summary>Multiplies the tensor by a number, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor MultiplyInPlace(this Tensor tensor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.mul_(scalar);
    }
}
