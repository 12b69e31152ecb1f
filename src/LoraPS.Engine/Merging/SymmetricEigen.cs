using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Eigenvalues of a symmetric matrix, and the eigenvectors of the largest of them.</summary>
/// <remarks>
/// Small matrices, as the ranks of LoRAs make them, are made tridiagonal (<see cref="HouseholderReduction"/>) and then diagonal
/// (<see cref="QlRotations"/>) where the processor has 512-bit registers, which takes two thirds of libtorch's time. Others, and
/// those that do not converge, are left to libtorch. Both are right to some roundings of the largest eigenvalue.
/// </remarks>
public static class SymmetricEigen
{
    /// <summary>The largest matrix that is not left to libtorch: above it the pieces no longer fit the processor's nearer caches.</summary>
    private const int MostRows = 256;

    /// <summary>Numbers of float64 in a 512-bit register.</summary>
    internal const int Lanes = 8;

    /// <summary>Columns that vectors are turned back by at a time: their rows stay in registers.</summary>
    internal const int Strip = 4 * Lanes;

    /// <summary>Beside elements of about 1, what is below it is nothing; its square is still a number.</summary>
    internal const double Negligible = 1e-150;

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
        var (values, vectors) = (isOurs ? ByRotations(matrix.contiguous(), n, wanted) : null) ?? ByTorch(matrix, n, wanted);
        return (values.MoveToOuterDisposeScope(), vectors.MoveToOuterDisposeScope());
    }

    private static unsafe (Tensor Values, Tensor Vectors)? ByRotations(Tensor matrix, int n, int wanted)
    {
        using var reduction = new HouseholderReduction(Numbers(matrix), n);
        using var rotations = new QlRotations(reduction.Diagonal, reduction.Beside, n);
        if (!rotations.HasConverged)
            return null;

        var found = new ReadOnlySpan<double>(reduction.Diagonal, n).ToArray();
        var places = Enumerable.Range(0, n).ToArray();
        Array.Sort(places, (a, b) => found[b].CompareTo(found[a]));
        var width = (wanted + Strip - 1) / Strip * Strip;
        using var strips = new AlignedMemory<double>((n + 1L) * width);
        for (var i = 0; i < wanted; i++)
            strips.Start[(places[i] * width) + i] = 1;
        for (var column = 0; column < width; column += Strip)
        {
            rotations.RotateBack(strips.Start + column, width);
            reduction.ReflectBack(strips.Start + column, width);
        }

        var values = empty([n], float64);
        var vectors = empty([n, wanted], float64);
        for (var i = 0; i < n; i++)
        {
            Numbers(values)[i] = found[places[i]] * reduction.Scale;
            new ReadOnlySpan<double>(strips.Start + (i * width), wanted).CopyTo(Numbers(vectors).Slice(i * wanted, wanted));
        }

        return (values, vectors);
    }

    private static (Tensor Values, Tensor Vectors) ByTorch(Tensor matrix, int n, int wanted)
    {
        var (values, vectors) = linalg.eigh(matrix);
        return (values.flip(0), vectors.narrow(1, n - wanted, wanted).flip(1));
    }

    private static Span<double> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, double>(tensor.bytes);
}
