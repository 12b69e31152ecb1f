using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>A tridiagonal matrix made diagonal by rotations (implicit QL with Wilkinson's shift), which are kept to make its eigenvectors.</summary>
/// <remarks>
/// EISPACK's tql2 does the same, and applies each rotation to all vectors at once. Here they are applied afterwards and backwards, to the
/// unit vectors of the wanted eigenvalues alone, a strip of columns at a time, of which a row stays in registers from one rotation to the next.
/// </remarks>
internal sealed unsafe class QlRotations : IDisposable
{
    private const int Lanes = SymmetricEigen.Lanes;
    private const double Negligible = SymmetricEigen.Negligible;
    private const int MostSweeps = 40;

    private const double Rounding = 1.1102230246251565e-16;

    private readonly int _n;
    private readonly double* _diagonal;
    private readonly double* _beside;
    private readonly List<(int First, int Last)> _sweeps = [];
    private Rotation* _rotations;
    private int _count;
    private int _room;

    /// <summary>Rotates; <see cref="HasConverged"/> tells whether it came to an end.</summary>
    /// <param name="diagonal">[n]: the diagonal, of about 1 or less; becomes the eigenvalues, in no order.</param>
    /// <param name="beside">[n]: its neighbours, and a last that is not read; becomes nothing.</param>
    /// <param name="n">Rows.</param>
    public QlRotations(double* diagonal, double* beside, int n)
    {
        (_n, _room) = (n, n * n);
        _diagonal = diagonal;
        _beside = beside;
        _rotations = (Rotation*)NativeMemory.Alloc((nuint)_room, (nuint)sizeof(Rotation));
        HasConverged = Diagonalise() && !new ReadOnlySpan<double>(diagonal, n).Contains(double.NaN);
    }

    /// <summary>False where an eigenvalue took too many sweeps, or a number is none.</summary>
    public bool HasConverged { get; }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => NativeMemory.Free(_rotations);

    /// <summary>Turns unit vectors into eigenvectors: all rotations, last first.</summary>
    /// <param name="strip">The first of <see cref="SymmetricEigen.Strip"/> columns.</param>
    /// <param name="width">Length of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void RotateBack(double* strip, int width)
    {
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

    private readonly record struct Rotation(double Sine, double Cosine);
}
