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

    /// <summary>number − tensor.</summary>
    public static Tensor SubtractedFrom(this Tensor tensor, double number) => tensor.neg().Plus(number);

    /// <summary>tensor / divisor.</summary>
    public static Tensor DividedBy(this Tensor tensor, double divisor)
    {
        using var scalar = divisor.ToScalar();
        return tensor.div(scalar);
    }

    /// <summary>Divides the tensor by a number, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor DivideInPlace(this Tensor tensor, double divisor)
    {
        using var scalar = divisor.ToScalar();
        return tensor.div_(scalar);
    }

    /// <summary>Adds factor · left · right to the tensor, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor AddProductInPlace(this Tensor tensor, Tensor left, Tensor right, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.addcmul_(left, right, scalar);
    }

    /// <summary>Adds factor · dividend / divisor to the tensor, in place.</summary>
    /// <returns>The tensor itself.</returns>
    public static Tensor AddQuotientInPlace(this Tensor tensor, Tensor dividend, Tensor divisor, double factor)
    {
        using var scalar = factor.ToScalar();
        return tensor.addcdiv_(dividend, divisor, scalar);
    }

    /// <summary>Values below the least become it.</summary>
    public static Tensor AtLeast(this Tensor tensor, double least)
    {
        using var scalar = least.ToScalar();
        return tensor.clamp_min(scalar);
    }

    /// <summary>Values above the most become it.</summary>
    public static Tensor AtMost(this Tensor tensor, double most)
    {
        using var scalar = most.ToScalar();
        return tensor.clamp_max(scalar);
    }

    /// <summary>Values outside a range become its ends.</summary>
    public static Tensor Clamped(this Tensor tensor, double least, double most)
    {
        using Scalar low = least.ToScalar(), high = most.ToScalar();
        return tensor.clamp(low, high);
    }

    /// <summary>tensor &gt; number, element by element, boolean.</summary>
    public static Tensor IsAbove(this Tensor tensor, double number)
    {
        using var scalar = number.ToScalar();
        return tensor.gt(scalar);
    }

    /// <summary>tensor &gt;= number, element by element, boolean.</summary>
    public static Tensor IsAtLeast(this Tensor tensor, double number)
    {
        using var scalar = number.ToScalar();
        return tensor.ge(scalar);
    }

    /// <summary>tensor &lt; number, element by element, boolean.</summary>
    public static Tensor IsBelow(this Tensor tensor, double number)
    {
        using var scalar = number.ToScalar();
        return tensor.lt(scalar);
    }

    /// <summary>0, 1, 2, … below a count.</summary>
    /// <param name="count">How many.</param>
    /// <param name="dtype">Number format.</param>
    /// <param name="device">Where; null is the CPU.</param>
    /// <returns>[count].</returns>
    public static Tensor Count(long count, ScalarType dtype, Device? device = null)
    {
        using var scalar = count.ToScalar();
        return arange(scalar, dtype, device);
    }
}
