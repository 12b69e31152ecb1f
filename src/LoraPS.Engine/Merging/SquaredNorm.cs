using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The square of a Frobenius norm, summed in float64.</summary>
/// <remarks>libtorch would make the numbers float64 and then square them, each time as new memory, which the system has to clear first.</remarks>
internal static class SquaredNorm
{
    private const long BlockElements = 1 << 20;

    /// <summary>Sum of the squares of all numbers.</summary>
    /// <param name="tensor">Any shape, float32, on the CPU.</param>
    public static double Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return Sum(MemoryMarshal.Cast<byte, float>(tensor.to(float32).contiguous().bytes));
    }

    /// <summary>The square of the distance of a matrix from a product of thin ones, a few rows at a time.</summary>
    /// <param name="matrix">[out, in], float32.</param>
    /// <param name="up">[out, rank], float32.</param>
    /// <param name="down">[rank, in], float32.</param>
    public static double OfDistance(Tensor matrix, Tensor up, Tensor down)
    {
        var (rows, sum) = (Math.Max(1, BlockElements / Math.Max(1, matrix.shape[1])), 0.0);
        for (var first = 0L; first < matrix.shape[0]; first += rows)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(rows, matrix.shape[0] - first);
            sum += Of(matrix.narrow(0, first, count) - up.narrow(0, first, count).matmul(down));
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum(ReadOnlySpan<float> numbers)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        var (a, b) = (Vector<double>.Zero, Vector<double>.Zero);
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var low, out var high);
            a += low * low;
            b += high * high;
        }

        var sum = Vector.Sum(a + b);
        foreach (var number in numbers[(vectors.Length * Vector<float>.Count)..])
            sum += (double)number * number;
        return sum;
    }
}
