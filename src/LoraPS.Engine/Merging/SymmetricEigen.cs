using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Eigenvalues of a symmetric matrix, and the eigenvectors of the largest of them.</summary>
/// <remarks>
/// Small matrices, as the ranks of LoRAs make them, are worked on by <see cref="HouseholderQl"/> where the processor has 512-bit registers;
/// others, and those that do not converge, by libtorch. Both are right to some roundings of the largest eigenvalue.
/// </remarks>
public static class SymmetricEigen
{
    /// <summary>The largest matrix that is not left to libtorch: above it the pieces no longer fit the processor's nearer caches.</summary>
    private const int MostRows = 256;

    /// <summary>All eigenvalues and the vectors of the largest.</summary>
    /// <param name="matrix">[n, n], float64, symmetric, on the CPU.</param>
    /// <param name="wanted">How many vectors, 1 to n.</param>
    /// <returns>Values [n] and Vectors [n, wanted], float64, largest first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More or fewer vectors are wanted.</exception>
    public static (Tensor Values, Tensor Vectors) Largest(Tensor matrix, int wanted)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var n = (int)matrix.shape[0];
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wanted, n);
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var isOurs = n <= MostRows && Vector512.IsHardwareAccelerated;
        var (values, vectors) = (isOurs ? ByHouseholder(matrix.contiguous(), n, wanted) : null) ?? ByTorch(matrix, n, wanted);
        return (values.MoveToOuterDisposeScope(), vectors.MoveToOuterDisposeScope());
    }

    private static (Tensor Values, Tensor Vectors)? ByHouseholder(Tensor matrix, int n, int wanted)
    {
        using var work = new HouseholderQl(n, wanted);
        var values = empty([n], float64);
        var vectors = empty([n, wanted], float64);
        return work.Solve(Numbers(matrix), Numbers(values), Numbers(vectors)) ? (values, vectors) : null;
    }

    private static (Tensor Values, Tensor Vectors) ByTorch(Tensor matrix, int n, int wanted)
    {
        var (values, vectors) = linalg.eigh(matrix);
        return (values.flip(0), vectors.narrow(1, n - wanted, wanted).flip(1));
    }

    private static Span<double> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.bytes);
}
