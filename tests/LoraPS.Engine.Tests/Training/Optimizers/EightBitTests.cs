using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training.Optimizers;

/// <summary>Block-wise 8-bit memory, against its rule written out for single numbers.</summary>
public class EightBitTests
{
    private const int Size = 5000;
    private const int BlockSize = 256;

    [Fact]
    public void The_signed_code_has_256_numbers_with_0_and_1_and_halves_of_the_finest_steps()
    {
        var numbers = DynamicCode.OfMeans.Numbers;
        Assert.Equal(256, numbers.Distinct().Count());
        Assert.Equal((0f, 1f), (numbers[127], numbers[^1]));
        Assert.Equal(-0.99296875, numbers[0], 1e-7);
        // A single number stands for all of 1e-7 to 1e-6.
        Assert.Equal(5.5e-7, numbers[128], 1e-12);
        Assert.Equal(numbers.Order(), numbers);
    }

    [Fact]
    public void The_unsigned_code_has_twice_the_numbers_above_0()
    {
        var numbers = DynamicCode.OfSquares.Numbers;
        Assert.Equal(256, numbers.Distinct().Count());
        Assert.Equal((0f, 1f), (numbers[0], numbers[^1]));
        Assert.Equal(1 - (0.9 / 256), numbers[^2], 1e-6);
        Assert.Equal(3.25e-7, numbers[1], 1e-12);
    }

    [Fact]
    public void Every_number_of_the_code_survives()
    {
        using var scope = NewDisposeScope();
        foreach (var code in (DynamicCode[])[DynamicCode.OfMeans, DynamicCode.OfSquares])
        {
            var numbers = tensor(code.Numbers.ToArray());
            Assert.Equal(code.Numbers, code.Decode(code.Encode(numbers)).data<float>().ToArray());
        }
    }

    [Fact]
    public void A_negative_number_stays_negative_however_small()
    {
        using var scope = NewDisposeScope();
        var decoded = DynamicCode.OfMeans.Decode(DynamicCode.OfMeans.Encode(tensor(new[] { -1e-9f, 0, 1e-9f })));
        Assert.Equal([DynamicCode.OfMeans.Numbers[126], 0, 0], decoded.data<float>().ToArray());
        Assert.Equal(-5.5e-7, DynamicCode.OfMeans.Numbers[126], 1e-12);
    }

    [Fact]
    public void AdamW8bit_follows_its_rule()
    {
        var (x, m, v) = (Values(0), new float[Size], new float[Size]);
        using var run = Run("AdamW8bit", "weight_decay=0.1");
        for (var step = 1; step <= 5; step++)
        {
            var gradient = Values(step);
            run.Step(gradient);
            var (c1, c2) = (1 - Math.Pow(0.9, step), Math.Sqrt(1 - Math.Pow(0.999, step)));
            for (var i = 0; i < Size; i++)
            {
                m[i] = (0.9f * m[i]) + (0.1f * gradient[i]);
                v[i] = (0.999f * v[i]) + (0.001f * gradient[i] * gradient[i]);
                x[i] = (float)((x[i] - (0.01 * c2 / c1 * m[i] / (Math.Sqrt(v[i]) + (c2 * 1e-8)))) * (1 - (0.01 * 0.1)));
            }

            (m, v) = (Rounded(m, DynamicCode.OfMeans), Rounded(v, DynamicCode.OfSquares));
            AssertNear(x, run.Value());
        }
    }

    [Fact]
    public void Lion8bit_follows_its_rule()
    {
        var (x, m) = (Values(0), new float[Size]);
        using var run = Run("Lion8bit", "weight_decay=0.1");
        for (var step = 1; step <= 5; step++)
        {
            var gradient = Values(step);
            run.Step(gradient);
            for (var i = 0; i < Size; i++)
            {
                x[i] = (x[i] * (1 - (0.01f * 0.1f))) - (0.01f * Math.Sign((0.9f * m[i]) + (0.1f * gradient[i])));
                m[i] = (0.99f * m[i]) + (0.01f * gradient[i]);
            }

            m = Rounded(m, DynamicCode.OfMeans);
            AssertNear(x, run.Value());
        }
    }

    [Theory]
    [InlineData("AdamW8bit", "AdamW", "weight_decay=0")]
    [InlineData("Lion8bit", "Lion", "weight_decay=0.1")]
    public void A_small_parameter_is_trained_as_in_full_precision(string small, string full, string decay)
    {
        using var eight = Run(small, decay, $"min_8bit_size={Size + 1}");
        using var whole = Run(full, decay);
        for (var step = 1; step <= 5; step++)
        {
            eight.Step(Values(step));
            whole.Step(Values(step));
        }

        AssertNear(whole.Value(), eight.Value());
    }

    [Fact]
    public void Memory_takes_a_quarter_and_a_scale_for_each_256()
    {
        using var run = Run("AdamW8bit");
        var bytes = run.Optimizer.Memory.Where(pair => pair.Key.StartsWith("x.", StringComparison.Ordinal)).Sum(pair => pair.Value.numel() * pair.Value.ElementSize);
        Assert.Equal(2 * 20 * (256 + 4), bytes);
    }

    /// <summary>Each block over its largest magnitude, to the nearest number of the code; a negative one not to 0.</summary>
    private static float[] Rounded(float[] values, DynamicCode code) => [.. values.Chunk(BlockSize).SelectMany(block =>
    {
        var most = block.Max(Math.Abs);
        return block.Select(value => most * code.Numbers
            .Where(number => value >= 0 || number < 0)
            .MinBy(number => Math.Abs(number - (value / most))));
    })];

    private static float[] Values(int step)
    {
        var random = new CounterRandom(step, RandomPurpose.Noise);
        return [.. Enumerable.Range(0, Size).Select(i => random.NextNormal() * (i % 7 == 0 ? 0.001f : 1))];
    }

    private static void AssertNear(float[] expected, float[] actual)
    {
        // Where a number lies in the middle of two codes the two may round to different sides.
        var errors = expected.Zip(actual, (want, have) => Math.Abs(want - have)).Order().ToArray();
        Assert.True(errors[(int)(0.998 * errors.Length)] < 1e-6, $"{errors[(int)(0.998 * errors.Length)]}");
    }

    private static Trial Run(string name, params string[] arguments) => new(name, arguments);

    private sealed class Trial : IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly Tensor _value;

        public Trial(string name, string[] arguments)
        {
            _value = tensor(Values(0)).reshape(50, 100).clone().requires_grad_();
            Optimizer = OptimizerArguments.Parse(name, arguments).Create([new("x", _value, 0.01)]);
        }

        public Optimizer Optimizer { get; }

        public void Step(float[] gradient)
        {
            _value.grad = tensor(gradient).reshape(50, 100);
            Optimizer.Update();
        }

        public float[] Value() => _value.detach().data<float>().ToArray();

        public void Dispose()
        {
            Optimizer.Dispose();
            _scope.Dispose();
        }
    }
}
