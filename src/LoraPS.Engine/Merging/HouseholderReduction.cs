using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>A symmetric matrix made tridiagonal by reflections (Householder), which are kept to turn eigenvectors back.</summary>
/// <remarks>
/// EISPACK's tred2 does the same. Here a reflection is applied to two rows in the same pass that multiplies them by the next, and
/// to a strip of columns at a time when vectors are turned back. In float64; the matrix is scaled to elements of about 1.
/// </remarks>
internal sealed unsafe class HouseholderReduction : IDisposable
{
    private const int Lanes = SymmetricEigen.Lanes;
    private const double Negligible = SymmetricEigen.Negligible;

    /// <summary>Of the power of two that the matrix is divided by: its inverse is still a number.</summary>
    private const int LeastExponent = -1000;

    private readonly int _n;
    private readonly int _stride;
    private readonly AlignedMemory<double> _memory;

    // [n + 1, stride]: what is left of the matrix, with the reflections' vectors in the rows that are done; the last row stays zero.
    private readonly double* _matrix;

    // [stride] each.
    private readonly double* _factors;
    private readonly double* _update;
    private readonly double* _product;

    /// <summary>Reduces a matrix.</summary>
    /// <param name="matrix">[n, n], symmetric, finite.</param>
    /// <param name="n">Its rows.</param>
    public HouseholderReduction(ReadOnlySpan<double> matrix, int n)
    {
        _n = n;
        _stride = (n + Lanes) / Lanes * Lanes;
        _memory = new((n + 6L) * _stride);
        _matrix = _memory.Start;
        Diagonal = _matrix + ((n + 1) * _stride);
        Beside = Diagonal + _stride;
        _factors = Beside + _stride;
        _update = _factors + _stride;
        _product = _update + _stride;
        Take(matrix);
        Reduce();
    }

    /// <summary>What the matrix was divided by.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>[n]: the diagonal.</summary>
    public double* Diagonal { get; }

    /// <summary>[n]: its neighbours; the last is 0.</summary>
    public double* Beside { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Turns eigenvectors of the tridiagonal matrix into those of the matrix: all reflections, last first.</summary>
    /// <param name="strip">The first of <see cref="SymmetricEigen.Strip"/> columns.</param>
    /// <param name="width">Length of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void ReflectBack(double* strip, int width)
    {
        for (var k = _n - 2; k >= 0; k--)
        {
            var reflection = _matrix + (k * _stride);
            var (a, b, c, d) = (Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero, Vector512<double>.Zero);
            var row = strip + ((k + 1) * width);
            for (var i = k + 1; i < _n; i++, row += width)
            {
                var share = Vector512.Create(reflection[i]);
                a = Vector512.FusedMultiplyAdd(share, Vector512.Load(row), a);
                b = Vector512.FusedMultiplyAdd(share, Vector512.Load(row + Lanes), b);
                c = Vector512.FusedMultiplyAdd(share, Vector512.Load(row + (2 * Lanes)), c);
                d = Vector512.FusedMultiplyAdd(share, Vector512.Load(row + (3 * Lanes)), d);
            }

            var factor = Vector512.Create(-_factors[k]);
            (a, b, c, d) = (a * factor, b * factor, c * factor, d * factor);
            row = strip + ((k + 1) * width);
            for (var i = k + 1; i < _n; i++, row += width)
            {
                var share = Vector512.Create(reflection[i]);
                Vector512.FusedMultiplyAdd(share, a, Vector512.Load(row)).Store(row);
                Vector512.FusedMultiplyAdd(share, b, Vector512.Load(row + Lanes)).Store(row + Lanes);
                Vector512.FusedMultiplyAdd(share, c, Vector512.Load(row + (2 * Lanes))).Store(row + (2 * Lanes));
                Vector512.FusedMultiplyAdd(share, d, Vector512.Load(row + (3 * Lanes))).Store(row + (3 * Lanes));
            }
        }
    }

    // By a power of two, so that no digit changes.
    private void Take(ReadOnlySpan<double> matrix)
    {
        var largest = 0.0;
        foreach (var value in matrix)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest > 0)
            Scale = Math.ScaleB(1, Math.Max(Math.ILogB(largest), LeastExponent));
        var share = 1 / Scale;
        for (var row = 0; row < _n; row++)
        {
            var to = _matrix + (row * _stride);
            var from = matrix.Slice(row * _n, _n);
            for (var i = 0; i < from.Length; i++)
                to[i] = from[i] * share;
        }
    }

    /// <summary>Reflections from both sides: step k clears row and column k beyond their neighbours of the diagonal.</summary>
    /// <remarks>
    /// With H = I - f·v·vᵀ, HAH = A - v·wᵀ - w·vᵀ where p = A·v and w = f·p - ½f²(pᵀv)v. Row k of the matrix then keeps v, which is
    /// zero up to column k, so that rows may be worked on from any column before it.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Reduce()
    {
        var before = _update;
        for (var k = 0; k < _n; k++)
        {
            var row = _matrix + (k * _stride);
            for (var i = k; i < _n; i++)
                row[i] -= (before[k] * _update[i]) + (_update[k] * before[i]);
            Diagonal[k] = row[k];
            if (k == _n - 1)
                return;
            Beside[k] = Reflect(row, k, out _factors[k]);
            UpdateAndMultiply(before, row, k + 1);
            var (factor, share) = (_factors[k], 0.0);
            for (var i = k + 1; i < _n; i++)
                share += _product[i] * row[i];
            share *= 0.5 * factor * factor;
            _update[k] = 0;
            for (var i = k + 1; i < _n; i++)
                _update[i] = (factor * _product[i]) - (share * row[i]);
            before = row;
        }
    }

    // Makes the reflection's vector of what is beyond the diagonal of row k; returns what the diagonal's neighbour becomes.
    private double Reflect(double* row, int k, out double factor)
    {
        var (first, rest) = (row[k + 1], 0.0);
        for (var i = k + 2; i < _n; i++)
            rest += row[i] * row[i];
        new Span<double>(row, k + 1).Clear();
        if (rest < Negligible * Negligible)
        {
            new Span<double>(row, _n).Clear();
            factor = 0;
            return first;
        }

        var length = Math.Sqrt((first * first) + rest);
        var becomes = first > 0 ? -length : length;
        row[k + 1] = first - becomes;
        factor = 2 / ((row[k + 1] * row[k + 1]) + rest);
        return becomes;
    }

    // Rows from the first on: less the step before's update, and their products with this step's vector. Two at a time; the row past the last is zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void UpdateAndMultiply(double* before, double* vector, int first)
    {
        var update = _update;
        var product = _product;
        var (stride, start) = (_stride, first / Lanes * Lanes);
        for (var row = first; row < _n; row += 2)
        {
            var upper = _matrix + (row * stride);
            var lower = upper + stride;
            var (a, b) = (Vector512<double>.Zero, Vector512<double>.Zero);
            var (p, q) = (Vector512.Create(-before[row]), Vector512.Create(-update[row]));
            var (r, s) = (Vector512.Create(-before[row + 1]), Vector512.Create(-update[row + 1]));
            for (var i = start; i < stride; i += Lanes)
            {
                var (w, v, next) = (Vector512.Load(update + i), Vector512.Load(before + i), Vector512.Load(vector + i));
                var x = Vector512.FusedMultiplyAdd(q, v, Vector512.FusedMultiplyAdd(p, w, Vector512.Load(upper + i)));
                var y = Vector512.FusedMultiplyAdd(s, v, Vector512.FusedMultiplyAdd(r, w, Vector512.Load(lower + i)));
                x.Store(upper + i);
                y.Store(lower + i);
                a = Vector512.FusedMultiplyAdd(x, next, a);
                b = Vector512.FusedMultiplyAdd(y, next, b);
            }

            product[row] = Vector512.Sum(a);
            product[row + 1] = Vector512.Sum(b);
        }
    }
}
