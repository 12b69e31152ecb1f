using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LoraPS.Engine.Merging;

/// <summary>Eigenvalues of a small symmetric matrix, and the eigenvectors of the largest of them.</summary>
/// <remarks>
/// Householder reflections make it tridiagonal, and implicit QL with Wilkinson's shift diagonalises that: the classic pair of
/// EISPACK's tred2 and tql2, as accurate as libtorch's eigh (some roundings of the largest eigenvalue). At the sizes of ranks
/// it takes much less time, for two reasons. A reflection is applied to rows in the same pass that multiplies them by the next. And
/// the rotations are kept, to be applied backwards to the unit vectors of the wanted eigenvalues alone, a strip of columns at a time.
/// </remarks>
internal sealed unsafe class HouseholderQl : IDisposable
{
    private const int Lanes = 8;
    private const int Strip = 4 * Lanes;
    private const int MostSweeps = 40;

    /// <summary>Beside a largest element of 1, an element off the diagonal below it is nothing; its square is still a number.</summary>
    private const double Negligible = 1e-150;

    private const double Rounding = 1.1102230246251565e-16;

    /// <summary>Of the power of two that the matrix is divided by: its inverse is still a number.</summary>
    private const int LeastExponent = -1000;

    private readonly int _n;
    private readonly int _wanted;
    private readonly int _stride;
    private readonly int _width;
    private readonly double* _memory;

    // [n + 1, stride]: what is left of the matrix, with the reflections' vectors in the rows that are done; the last row stays zero.
    private readonly double* _matrix;

    // [n, width]: the wanted eigenvectors, one a column.
    private readonly double* _vectors;

    // [stride] each: the tridiagonal matrix, the reflections' factors, and what belongs to the step.
    private readonly double* _diagonal;
    private readonly double* _beside;
    private readonly double* _factors;
    private readonly double* _update;
    private readonly double* _product;

    private readonly List<(int First, int Last)> _sweeps = [];
    private Rotation* _rotations;
    private int _count;
    private int _room;

    /// <summary>Takes the memory.</summary>
    /// <param name="n">Rows of the matrix.</param>
    /// <param name="wanted">How many eigenvectors, 1 to n.</param>
    public HouseholderQl(int n, int wanted)
    {
        (_n, _wanted) = (n, wanted);
        _stride = RoundedUp(n + 1, Lanes);
        _width = RoundedUp(wanted, Strip);
        var numbers = (nuint)(((n + 1) * (_stride + _width)) + (5 * _stride));
        _memory = (double*)NativeMemory.AlignedAlloc(numbers * sizeof(double), 64);
        NativeMemory.Clear(_memory, numbers * sizeof(double));
        _matrix = _memory;
        _vectors = _matrix + ((n + 1) * _stride);
        _diagonal = _vectors + ((n + 1) * _width);
        _beside = _diagonal + _stride;
        _factors = _beside + _stride;
        _update = _factors + _stride;
        _product = _update + _stride;
        _room = n * n;
        _rotations = (Rotation*)NativeMemory.Alloc((nuint)_room, (nuint)sizeof(Rotation));
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        NativeMemory.Free(_rotations);
    }

    /// <summary>Solves; once.</summary>
    /// <param name="matrix">[n, n], symmetric.</param>
    /// <param name="values">[n]: gets all eigenvalues, largest first.</param>
    /// <param name="vectors">[n, wanted]: gets the eigenvectors of the first of them, one a column.</param>
    /// <returns>False where the matrix is not finite, or a value does not converge; the results are not filled then.</returns>
    public bool Solve(ReadOnlySpan<double> matrix, Span<double> values, Span<double> vectors)
    {
        if (!Take(matrix, out var scale))
            return false;
        MakeTridiagonal();
        if (!Diagonalise())
            return false;

        var places = Enumerable.Range(0, _n).ToArray();
        Array.Sort(places, (a, b) => _diagonal[b].CompareTo(_diagonal[a]));
        for (var i = 0; i < _wanted; i++)
            _vectors[(places[i] * _width) + i] = 1;
        for (var column = 0; column < _width; column += Strip)
        {
            RotateBack(_vectors + column);
            ReflectBack(_vectors + column);
        }

        for (var i = 0; i < _n; i++)
        {
            values[i] = _diagonal[places[i]] * scale;
            new ReadOnlySpan<double>(_vectors + (i * _width), _wanted).CopyTo(vectors[(i * _wanted)..]);
        }

        return true;
    }

    // The matrix, made of elements of about 1 by a power of two; false where they are not finite.
    private bool Take(ReadOnlySpan<double> matrix, out double scale)
    {
        var largest = 0.0;
        foreach (var value in matrix)
            largest = Math.Max(largest, Math.Abs(value));
        scale = 1;
        if (!double.IsFinite(largest))
            return false;
        if (largest > 0)
            scale = Math.ScaleB(1, Math.Max(Math.ILogB(largest), LeastExponent));
        var share = 1 / scale;
        for (var row = 0; row < _n; row++)
        {
            var to = _matrix + (row * _stride);
            var from = matrix.Slice(row * _n, _n);
            for (var i = 0; i < from.Length; i++)
                to[i] = from[i] * share;
        }

        return true;
    }

    /// <summary>Reflections from both sides: step k clears row and column k beyond their neighbours of the diagonal.</summary>
    /// <remarks>
    /// With H = I - f·v·vᵀ, HAH = A - v·wᵀ - w·vᵀ where p = A·v and w = f·p - ½f²(pᵀv)v. Row k of the matrix then keeps v, which is
    /// zero up to column k, so that rows may be worked on from any column before it.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void MakeTridiagonal()
    {
        var before = _update;
        for (var k = 0; k < _n; k++)
        {
            var row = _matrix + (k * _stride);
            for (var i = k; i < _n; i++)
                row[i] -= (before[k] * _update[i]) + (_update[k] * before[i]);
            _diagonal[k] = row[k];
            if (k == _n - 1)
                return;
            _beside[k] = Reflect(row, k, out _factors[k]);
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

    private bool Diagonalise()
    {
        for (var l = 0; l < _n; l++)
        {
            for (var sweep = 0; ; sweep++)
            {
                var m = l;
                while (m < _n - 1 && Math.Abs(_beside[m]) > Math.Max(Negligible, Rounding * (Math.Abs(_diagonal[m]) + Math.Abs(_diagonal[m + 1]))))
                    m++;
                if (m == l)
                    break;
                if (sweep == MostSweeps)
                    return false;
                if (_count + (m - l) > _room)
                    _rotations = (Rotation*)NativeMemory.Realloc(_rotations, (nuint)(_room *= 2) * (nuint)sizeof(Rotation));
                _sweeps.Add((Sweep(l, m), m));
            }
        }

        return true;
    }

    // A sweep of QL from m up to l; returns how far up it came.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private int Sweep(int l, int m)
    {
        var d = _diagonal;
        var e = _beside;
        var rotation = _rotations + _count;
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + (e[l] / (g + Math.CopySign(Math.Sqrt((g * g) + 1), g)));
        var (sine, cosine, shift) = (1.0, 1.0, 0.0);
        for (var i = m - 1; i >= l; i--)
        {
            var (f, b) = (sine * e[i], cosine * e[i]);
            var r = Math.Sqrt(Math.FusedMultiplyAdd(g, g, f * f));
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= shift;
                e[m] = 0;
                _count += m - 1 - i;
                return i + 1;
            }

            (sine, cosine) = (f / r, g / r);
            *rotation++ = new(sine, cosine);
            g = d[i + 1] - shift;
            r = Math.FusedMultiplyAdd(cosine, 2 * b, (d[i] - g) * sine);
            shift = sine * r;
            d[i + 1] = g + shift;
            g = Math.FusedMultiplyAdd(cosine, r, -b);
        }

        d[l] -= shift;
        e[l] = g;
        e[m] = 0;
        _count += m - l;
        return l;
    }

    // Unit vectors become eigenvectors of the tridiagonal matrix: all rotations, last first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void RotateBack(double* strip)
    {
        var width = _width;
        var rotation = _rotations + _count;
        for (var sweep = _sweeps.Count - 1; sweep >= 0; sweep--)
        {
            var (first, last) = _sweeps[sweep];
            var row = strip + (first * width);
            var (a, b, c, d) = (Vector512.Load(row), Vector512.Load(row + Lanes), Vector512.Load(row + (2 * Lanes)), Vector512.Load(row + (3 * Lanes)));
            for (var i = first; i < last; i++, row += width)
            {
                rotation--;
                var (sine, cosine) = (Vector512.Create(rotation->Sine), Vector512.Create(rotation->Cosine));
                a = Turn(row, width, a, sine, cosine);
                b = Turn(row + Lanes, width, b, sine, cosine);
                c = Turn(row + (2 * Lanes), width, c, sine, cosine);
                d = Turn(row + (3 * Lanes), width, d, sine, cosine);
            }

            a.Store(row);
            b.Store(row + Lanes);
            c.Store(row + (2 * Lanes));
            d.Store(row + (3 * Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Turn(double* row, int width, Vector512<double> carried, Vector512<double> sine, Vector512<double> cosine)
    {
        var next = Vector512.Load(row + width);
        Vector512.FusedMultiplyAdd(cosine, carried, sine * next).Store(row);
        return Vector512.FusedMultiplyAdd(cosine, next, -(sine * carried));
    }

    // Eigenvectors of the tridiagonal matrix become those of the matrix: all reflections, last first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void ReflectBack(double* strip)
    {
        var width = _width;
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

    private static int RoundedUp(int number, int multiple) => (number + multiple - 1) / multiple * multiple;

    private readonly record struct Rotation(double Sine, double Cosine);
}
