using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public sealed class SymmetricEigenTests
{
    /// <summary>Sides around the widths of registers and strips, and one that is left to libtorch.</summary>
    private static readonly int[] Sides = [1, 2, 3, 7, 8, 9, 31, 33, 64, 100, 128, 257];

    public SymmetricEigenTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> Kinds => ["Gram", "Dependent", "Graded", "Clusters", "Indefinite", "Diagonal", "Zero", "Tiny", "Huge"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Vectors_are_orthonormal_and_the_matrix_only_stretches_them(string kind) => Assert.All(Sides, n =>
    {
        using var scope = NewDisposeScope();
        var matrix = Make(kind, n);
        var (values, vectors) = SymmetricEigen.Largest(matrix, n);

        Assert.InRange((matrix.matmul(vectors) - (vectors * values)).norm().item<double>(), 0, 1e-15 * (n + 9) * matrix.abs().max().item<double>() * Math.Sqrt(n));
        Assert.InRange((vectors.t().matmul(vectors) - eye(n, dtype: float64)).norm().item<double>(), 0, 1e-14 * n);
        var numbers = values.data<double>().ToArray();
        Assert.Equal(numbers.OrderDescending(), numbers);
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Values_are_those_of_libtorch(string kind) => Assert.All(Sides, n =>
    {
        using var scope = NewDisposeScope();
        var matrix = Make(kind, n);
        var expected = linalg.eigvalsh(matrix).flip(0);
        var (values, _) = SymmetricEigen.Largest(matrix, 1);
        Assert.InRange((values - expected).abs().max().item<double>(), 0, 1e-15 * (n + 9) * matrix.abs().max().item<double>() * Math.Sqrt(n));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(100)]
    public void Fewer_vectors_are_the_first_of_all(int wanted)
    {
        using var scope = NewDisposeScope();
        var matrix = Make("Graded", 100);
        var all = SymmetricEigen.Largest(matrix, 100);
        var some = SymmetricEigen.Largest(matrix, wanted);
        Assert.Equal([100, wanted], some.Vectors.shape);
        Assert.True(some.Values.equal(all.Values).all().item<bool>());
        Assert.True(some.Vectors.equal(all.Vectors.narrow(1, 0, wanted)).all().item<bool>());
    }

    [Fact]
    public void A_transposed_matrix_is_read_as_it_lies()
    {
        using var scope = NewDisposeScope();
        var matrix = Make("Gram", 20);
        var (values, _) = SymmetricEigen.Largest(matrix.t(), 20);
        Assert.True(values.equal(SymmetricEigen.Largest(matrix, 20).Values).all().item<bool>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void No_more_vectors_than_rows_and_at_least_one(int wanted)
    {
        using var matrix = eye(4, dtype: float64);
        Assert.Throws<ArgumentOutOfRangeException>(() => SymmetricEigen.Largest(matrix, wanted));
    }

    [Fact]
    public void NaN_is_not_taken_for_a_number()
    {
        using var scope = NewDisposeScope();
        var matrix = eye(4, dtype: float64);
        matrix[1, 2] = matrix[2, 1] = tensor(double.NaN);
        Assert.Contains(double.NaN, SymmetricEigen.Largest(matrix, 2).Values.data<double>().ToArray());
    }

    private static Tensor Make(string kind, int n)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(17);
        var wide = randn([n + 8, n], dtype: float64, generator: generator);
        var basis = linalg.qr(randn([n, n], dtype: float64, generator: generator)).Q;
        var steps = TensorArithmetic.Count(n, float64);
        var matrix = kind switch
        {
            "Gram" => wide.t().matmul(wide),
            "Dependent" => wide[.., ..1].matmul(wide[.., ..1].t())[..n, ..n],
            "Graded" => Spread(steps.Times(-0.5).exp()),
            "Clusters" => Spread(steps.IsAbove(n / 2).to(float64).Plus(1)),
            "Indefinite" => Spread(steps.sin()),
            "Diagonal" => diag(steps),
            "Zero" => zeros([n, n], dtype: float64),
            "Tiny" => wide.t().matmul(wide).Times(1e-300),
            _ => wide.t().matmul(wide).Times(1e150),
        };
        return matrix.Plus(matrix.t()).Times(0.5).MoveToOuterDisposeScope();

        Tensor Spread(Tensor values) => (basis * values).matmul(basis.t());
    }
}
