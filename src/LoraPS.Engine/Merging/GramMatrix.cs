using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>The inner products of a thin matrix's columns, matrixᵀ·matrix, in float64.</summary>
/// <remarks>
/// Products of float32 numbers are exact in float64, so the sums are the only rounding. libtorch would convert the matrix first
/// and compute the half that symmetry gives for free; half the time goes without both. Rows are taken by the panel, converted
/// and packed eight columns abreast, so that the inner loop reads in order.
/// </remarks>
public static class GramMatrix
{
    private const int PanelRows = 64;
    private const int Lanes = 8;

    /// <summary>Inner products of all columns.</summary>
    /// <param name="matrix">[m, n]: float32 on the CPU, row by row or the transpose of such a matrix; other forms are copied first.</param>
    /// <returns>[n, n], float64.</returns>
    public static Tensor Of(Tensor matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var isTransposed = matrix.stride(0) == 1 && matrix.shape[1] > 1;
        var source = (isTransposed ? matrix.t() : matrix).to(float32).contiguous();
        var (rows, columns) = ((int)matrix.shape[0], (int)matrix.shape[1]);
        var padded = (columns + Lanes - 1) / Lanes * Lanes;
        var sums = zeros([padded, padded], float64);
        Accumulate(MemoryMarshal.Cast<byte, float>(source.bytes), rows, columns, isTransposed, MemoryMarshal.Cast<byte, double>(sums.bytes), padded);
        return sums.narrow(0, 0, columns).narrow(1, 0, columns).contiguous().MoveToOuterDisposeScope();
    }

    private static unsafe void Accumulate(ReadOnlySpan<float> source, int rows, int columns, bool isTransposed, Span<double> sums, int padded)
    {
        using var memory = new AlignedMemory<double>(PanelRows * padded);
        var panel = memory.Start;
        fixed (float* from = source)
        fixed (double* to = sums)
        {
            for (var first = 0; first < rows; first += PanelRows)
            {
                var count = Math.Min(PanelRows, rows - first);
                if (isTransposed)
                    PackColumns(from + first, rows, columns, count, panel);
                else
                    PackRows(from + ((long)first * columns), columns, count, panel);
                AddPanel(panel, count, to, padded);
            }

            Mirror(to, padded);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void PackRows(float* source, int columns, int count, double* panel)
    {
        for (var row = 0; row < count; row++, source += columns)
        {
            var column = 0;
            for (; column <= columns - Lanes; column += Lanes)
            {
                var (lower, upper) = Vector256.Widen(Vector256.Load(source + column));
                var to = panel + Place(row, column);
                lower.Store(to);
                upper.Store(to + (Lanes / 2));
            }

            for (; column < columns; column++)
                panel[Place(row, column)] = source[column];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void PackColumns(float* source, int stride, int columns, int count, double* panel)
    {
        var column = 0;
        for (; column <= columns - Lanes; column += Lanes)
        {
            var from = source + ((long)column * stride);
            var to = panel + Place(0, column);
            for (var row = 0; row < count; row++, from++, to += Lanes)
            {
                var (lower, upper) = Vector256.Widen(Vector256.Create(
                    from[0], from[stride], from[2L * stride], from[3L * stride], from[4L * stride], from[5L * stride], from[6L * stride], from[7L * stride]));
                lower.Store(to);
                upper.Store(to + (Lanes / 2));
            }
        }

        for (; column < columns; column++)
        {
            var to = panel + Place(0, column);
            for (var row = 0; row < count; row++)
                to[row * Lanes] = source[((long)column * stride) + row];
        }
    }

    private static int Place(int row, int column) => (((column / Lanes * PanelRows) + row) * Lanes) + (column % Lanes);

    private static unsafe void AddPanel(double* panel, int count, double* sums, int padded)
    {
        for (var i = 0; i < padded; i += Lanes)
        {
            for (var j = i; j < padded; j += Lanes)
            {
                var left = panel + Place(0, i);
                var right = panel + Place(0, j);
                var to = sums + ((long)i * padded) + j;
                if (Vector512.IsHardwareAccelerated)
                {
                    AddTile(left, right, count, to, padded);
                    continue;
                }

                AddHalfTile(left, right, count, to, padded);
                AddHalfTile(left + (Lanes / 2), right, count, to + (Lanes / 2 * (long)padded), padded);
            }
        }
    }

    // Eight columns against eight: the sums of eight stay in registers over the whole panel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe void AddTile(double* left, double* right, int count, double* sums, int stride)
    {
        var lower = sums + (4 * stride);
        var (a, b, c, d) = (Vector512.Load(sums), Vector512.Load(sums + stride), Vector512.Load(sums + (2 * stride)), Vector512.Load(sums + (3 * stride)));
        var (e, f, g, h) = (Vector512.Load(lower), Vector512.Load(lower + stride), Vector512.Load(lower + (2 * stride)), Vector512.Load(lower + (3 * stride)));
        for (var row = 0; row < count; row++, left += Lanes, right += Lanes)
        {
            var x = Vector512.Load(right);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(left[0]), x, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(left[1]), x, b);
            c = Vector512.FusedMultiplyAdd(Vector512.Create(left[2]), x, c);
            d = Vector512.FusedMultiplyAdd(Vector512.Create(left[3]), x, d);
            e = Vector512.FusedMultiplyAdd(Vector512.Create(left[4]), x, e);
            f = Vector512.FusedMultiplyAdd(Vector512.Create(left[5]), x, f);
            g = Vector512.FusedMultiplyAdd(Vector512.Create(left[6]), x, g);
            h = Vector512.FusedMultiplyAdd(Vector512.Create(left[7]), x, h);
        }

        a.Store(sums);
        b.Store(sums + stride);
        c.Store(sums + (2 * stride));
        d.Store(sums + (3 * stride));
        e.Store(lower);
        f.Store(lower + stride);
        g.Store(lower + (2 * stride));
        h.Store(lower + (3 * stride));
    }

    // The same in narrower registers, four columns at a time; every sum is the same, in the same order.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe void AddHalfTile(double* left, double* right, int count, double* sums, int stride)
    {
        var row0 = sums;
        var row1 = row0 + stride;
        var row2 = row1 + stride;
        var row3 = row2 + stride;
        var (a0, a1) = (Vector256.Load(row0), Vector256.Load(row0 + 4));
        var (b0, b1) = (Vector256.Load(row1), Vector256.Load(row1 + 4));
        var (c0, c1) = (Vector256.Load(row2), Vector256.Load(row2 + 4));
        var (d0, d1) = (Vector256.Load(row3), Vector256.Load(row3 + 4));
        for (var row = 0; row < count; row++, left += Lanes, right += Lanes)
        {
            var (x, y) = (Vector256.Load(right), Vector256.Load(right + 4));
            var factor = Vector256.Create(left[0]);
            (a0, a1) = (Vector256.FusedMultiplyAdd(factor, x, a0), Vector256.FusedMultiplyAdd(factor, y, a1));
            factor = Vector256.Create(left[1]);
            (b0, b1) = (Vector256.FusedMultiplyAdd(factor, x, b0), Vector256.FusedMultiplyAdd(factor, y, b1));
            factor = Vector256.Create(left[2]);
            (c0, c1) = (Vector256.FusedMultiplyAdd(factor, x, c0), Vector256.FusedMultiplyAdd(factor, y, c1));
            factor = Vector256.Create(left[3]);
            (d0, d1) = (Vector256.FusedMultiplyAdd(factor, x, d0), Vector256.FusedMultiplyAdd(factor, y, d1));
        }

        a0.Store(row0);
        a1.Store(row0 + 4);
        b0.Store(row1);
        b1.Store(row1 + 4);
        c0.Store(row2);
        c1.Store(row2 + 4);
        d0.Store(row3);
        d1.Store(row3 + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Mirror(double* sums, int padded)
    {
        for (var i = 0; i < padded; i++)
        {
            for (var j = 0; j < i; j++)
                sums[(i * padded) + j] = sums[(j * padded) + i];
        }
    }
}
