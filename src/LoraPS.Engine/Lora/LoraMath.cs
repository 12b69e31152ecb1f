using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>What a LoRA's factors mean for the weight they belong to.</summary>
/// <remarks>ΔW = alpha / r · up · down, from "LoRA: Low-Rank Adaptation of Large Language Models", Hu et al. 2021.</remarks>
public static class LoraMath
{
    /// <summary>alpha / rank: the strength a LoRA has by itself.</summary>
    public static double Scale(double alpha, long rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rank);
        return alpha / rank;
    }

    /// <summary>scale · up · down, in the shape of the weight.</summary>
    /// <param name="up">B [out, r] or [out, r, 1, 1], any float dtype.</param>
    /// <param name="down">A [r, in] or [r, in, k, k], any float dtype.</param>
    /// <param name="scale">alpha / r, times a ratio where a source has one.</param>
    /// <param name="shape">The weight's shape, [out, in] or [out, in, k, k]. Matrices and 1×1 convolutions are the same thing.</param>
    /// <returns>float32 of that shape, on the factors' device.</returns>
    public static Tensor Delta(Tensor up, Tensor down, double scale, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        using var scope = NewDisposeScope();
        var product = matmul(up.to(ScalarType.Float32).flatten(1), down.to(ScalarType.Float32).flatten(1));
        return product.MultiplyInPlace(scale).reshape(shape.ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>scale · (A₁·B₁) ∘ (A₂·B₂), in the shape of the weight: LoHa.</summary>
    /// <param name="first">A₁ [out, r] and B₁ [r, in·k·k].</param>
    /// <param name="second">A₂ and B₂ of the same shapes.</param>
    /// <param name="scale">alpha / r.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <returns>float32 of that shape.</returns>
    public static Tensor HadamardDelta((Tensor A, Tensor B) first, (Tensor A, Tensor B) second, double scale, ReadOnlySpan<long> shape)
    {
        using var scope = NewDisposeScope();
        var product = Product(first) * Product(second);
        return product.Times(scale).reshape(shape.ToArray()).MoveToOuterDisposeScope();

        static Tensor Product((Tensor A, Tensor B) factors) => factors.A.to(ScalarType.Float32).matmul(factors.B.to(ScalarType.Float32));
    }

    /// <summary>scale · C ⊗ D, in the shape of the weight: LoKr.</summary>
    /// <param name="small">C [l, m].</param>
    /// <param name="large">D [out / l, in / m · k·k] or [out / l, in / m, k, k].</param>
    /// <param name="scale">alpha / r.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <returns>float32 of that shape.</returns>
    public static Tensor KroneckerDelta(Tensor small, Tensor large, double scale, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(small);
        ArgumentNullException.ThrowIfNull(large);
        using var scope = NewDisposeScope();
        var (l, m) = (small.shape[0], small.shape[1]);
        // [l, 1, m, 1, 1] · [1, out/l, 1, in/m, k·k] -> [out, in, k, k]
        var product = small.to(ScalarType.Float32).reshape(l, 1, m, 1, 1) * large.to(ScalarType.Float32).reshape(1, shape[0] / l, 1, shape[1] / m, -1);
        return product.Times(scale).reshape(shape.ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>Length of what a weight gives each output.</summary>
    /// <param name="weight">[out, in] or [out, in, k, k], any float dtype.</param>
    /// <returns>[out, 1] or [out, 1, 1, 1], float32.</returns>
    public static Tensor RowNorms(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = [weight.shape[0], .. Enumerable.Repeat(1L, (int)weight.dim() - 1)];
        return weight.to(ScalarType.Float32).flatten(1).Squared().sum(1).sqrt().reshape(shape).MoveToOuterDisposeScope();
    }

    /// <summary>Frobenius norm of scale · up · down, without making the product.</summary>
    /// <remarks>‖B·A‖² is the sum of BᵀB ∘ AAᵀ, two matrices as small as the rank. In float64, where the squares do not round away.</remarks>
    /// <param name="up">B [out, r] or [out, r, 1, 1], any float dtype.</param>
    /// <param name="down">A [r, in] or [r, in, k, k], any float dtype.</param>
    /// <param name="scale">alpha / r.</param>
    public static double DeltaNorm(Tensor up, Tensor down, double scale)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (b, a) = (up.to(ScalarType.Float64).flatten(1), down.to(ScalarType.Float64).flatten(1));
        return Math.Abs(scale) * Math.Sqrt(Math.Max((b.t().matmul(b) * a.matmul(a.t())).sum().item<double>(), 0));
    }

    /// <summary>True if the factors can change a weight of this shape.</summary>
    public static bool Fits(IReadOnlyList<long> up, IReadOnlyList<long> down, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(down);
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Count >= 2 && up[0] == shape[0] && up.Skip(2).All(side => side == 1)
            && WithoutKernelOfOne([0, .. down.Skip(1)]).SequenceEqual(WithoutKernelOfOne([0, .. shape.Skip(1)]));
    }

    /// <summary>The shape of a weight, a 1×1 convolution's as that of a matrix.</summary>
    public static IReadOnlyList<long> WithoutKernelOfOne(IReadOnlyList<long> shape) => shape is [var rows, var columns, 1, 1] ? [rows, columns] : shape;
}
