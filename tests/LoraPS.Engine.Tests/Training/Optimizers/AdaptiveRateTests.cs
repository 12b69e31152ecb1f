using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.Optimizers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training.Optimizers;

/// <summary>Optimizers that find their rate, against their published rules written out in float64.</summary>
public class AdaptiveRateTests
{
    private const int Size = 12;
    private const int Steps = 40;
    private const double Beta1 = 0.9, Beta2 = 0.99;

    /// <summary>Defazio and Mishchenko 2023, Algorithm 5, with decay of the sums by √β₂ as the authors' program does it.</summary>
    [Theory]
    [InlineData("DAdaptAdam", 0.1, false)]
    [InlineData("DAdaptAdamW", 0.1, true)]
    [InlineData("DAdaptAdam", 0, false)]
    public void DAdaptAdam_follows_its_rule(string name, double decay, bool decouple)
    {
        var (x, m, v, s) = (Start(), new double[Size], new double[Size], new double[Size]);
        var (d, numerator, q) = (1e-3, 0.0, Math.Sqrt(Beta2));
        Compare(name, [$"weight_decay={decay}", "d0=1e-3"], (step, rate) =>
        {
            var (gain, length, dlr) = (0.0, 0.0, d * rate);
            for (var i = 0; i < Size; i++)
            {
                var g = Gradient(x[i], step, i) + (decouple ? 0 : decay * x[i]);
                gain += dlr * g * s[i] / (Math.Sqrt(v[i]) + 1e-8);
                m[i] = (Beta1 * m[i]) + ((1 - Beta1) * dlr * g);
                v[i] = (Beta2 * v[i]) + ((1 - Beta2) * g * g);
                s[i] = (q * s[i]) + ((1 - q) * dlr * g);
                length += Math.Abs(s[i]);
            }

            numerator = (q * numerator) + ((1 - q) * gain);
            d = Math.Max(d, numerator / ((1 - q) * length));
            for (var i = 0; i < Size; i++)
                x[i] = (x[i] * (1 - (decouple ? decay * dlr : 0))) - (m[i] / (Math.Sqrt(v[i]) + 1e-8));
            return (x, d * rate);
        });
    }

    /// <summary>Mishchenko and Defazio 2023, Algorithm 4.</summary>
    [Theory]
    [InlineData(0, false, false, 1)]
    [InlineData(0.1, true, true, 1)]
    [InlineData(0.1, false, false, 0.5)]
    public void Prodigy_follows_its_rule(double decay, bool correct, bool safeguard, double coefficient)
    {
        var (x, m, v, s) = (Start(), new double[Size], new double[Size], new double[Size]);
        var (start, d0, d, most, numerator, beta3) = (Start(), 1e-3, 1e-3, 1e-3, 0.0, Math.Sqrt(Beta2));
        string[] arguments =
            [$"weight_decay={decay}", "d0=1e-3", $"use_bias_correction={correct}", $"safeguard_warmup={safeguard}", $"d_coef={coefficient}"];
        Compare("Prodigy", arguments, (step, rate) =>
        {
            var correction = correct ? Math.Sqrt(1 - Math.Pow(Beta2, step + 1)) / (1 - Math.Pow(Beta1, step + 1)) : 1;
            var (gain, length, dlr) = (0.0, 0.0, d * rate * correction);
            for (var i = 0; i < Size; i++)
            {
                var g = Gradient(x[i], step, i);
                gain += d / d0 * dlr * g * (start[i] - x[i]);
                m[i] = (Beta1 * m[i]) + ((1 - Beta1) * d * g);
                v[i] = (Beta2 * v[i]) + ((1 - Beta2) * d * d * g * g);
                s[i] = (beta3 * s[i]) + (d / d0 * (safeguard ? d : dlr) * g);
                length += Math.Abs(s[i]);
            }

            numerator = (beta3 * numerator) + gain;
            var estimate = coefficient * numerator / length;
            d = d == d0 ? Math.Max(d, estimate) : d;
            most = Math.Max(most, estimate);
            d = most;
            for (var i = 0; i < Size; i++)
                x[i] = (x[i] * (1 - (decay * dlr))) - (dlr * m[i] / (Math.Sqrt(v[i]) + (d * 1e-8)));
            return (x, d * rate);
        });
    }

    [Theory]
    [InlineData("DAdaptAdam")]
    [InlineData("Prodigy")]
    public void A_rate_that_is_warmed_up_from_0_changes_nothing_at_0(string name)
    {
        using var scope = NewDisposeScope();
        var value = tensor(Start()).to(ScalarType.Float32).requires_grad_();
        using var optimizer = OptimizerArguments.Parse(name, []).Create([new("x", value, 1)]);
        (value.grad, optimizer.RateFactor) = (ones(Size), 0);
        optimizer.Update();
        Assert.Equal(Start().Select(x => (float)x), value.detach().data<float>().ToArray());
    }

    private static double[] Start() => [.. Enumerable.Range(0, Size).Select(i => Math.Sin(i + 1.0))];

    private static double Gradient(double x, int step, int i) => (x * (1 + (i % 4))) + (0.1 * Math.Cos((7 * step) + i));

    private static void Compare(string name, string[] arguments, Func<int, double, (double[] Values, double Rate)> rule)
    {
        using var scope = NewDisposeScope();
        var value = tensor(Start()).to(ScalarType.Float32).requires_grad_();
        using var optimizer = OptimizerArguments.Parse(name, [$"betas=({Beta1}, {Beta2})", .. arguments]).Create([new("x", value, 1)]);
        for (var step = 0; step < Steps; step++)
        {
            var before = value.detach().data<float>().ToArray();
            value.grad = tensor(before.Select((x, i) => (float)Gradient(x, step, i)).ToArray());
            optimizer.RateFactor = step % 5 == 4 ? 0.5 : 1;
            optimizer.Update();
            var (expected, rate) = rule(step, optimizer.RateFactor);
            foreach (var (want, have) in expected.Zip(value.detach().data<float>().ToArray()))
                Assert.Equal(want, have, 2e-4);
            Assert.Equal(1, optimizer.RateInForce(1) / rate, 1e-3);
        }
    }
}
