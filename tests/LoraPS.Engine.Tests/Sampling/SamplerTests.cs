using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Sampling;

/// <summary>Samplers on data whose perfect denoiser is known: a normal distribution, mean 0 and standard deviation s.</summary>
/// <remarks>There D(x, σ) = x·s²/(s²+σ²), and the probability flow takes x from σ to 0 by the factor s/√(s²+σ²).</remarks>
public class SamplerTests
{
    private const double Spread = 0.8;
    private static readonly SigmaSchedule Schedule = MakeSchedule();

    public static TheoryData<string> Names => [.. Sampler.All.Select(sampler => sampler.Name)];

    [Theory]
    [InlineData("DDIM", 1)]
    [InlineData("Euler", 1)]
    [InlineData("DPM++ 2M", 2)]
    [InlineData("DPM++ 2M Karras", 2)]
    [InlineData("UniPC", 2)]
    public void Twice_the_steps_divide_the_error_as_the_order_says(string name, int order)
    {
        var (coarse, fine) = (Error(name, 40), Error(name, 80));

        Assert.InRange(fine, 0, 0.06);
        Assert.True(coarse / fine > Math.Pow(2, order) * 0.7, $"{coarse} became {fine}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Data_that_is_one_point_is_found(string name)
    {
        using var scope = NewDisposeScope();
        var point = new CounterRandom(3, RandomPurpose.Noise).Normal(1, 4, 4, 4);
        var made = Sample(name, 10, (_, _) => point.clone());

        Assert.True(made.allclose(point, atol: 1e-5));
    }

    [Theory]
    [InlineData("Euler a")]
    [InlineData("Euler")]
    public void Many_steps_give_numbers_spread_as_the_data(string name)
    {
        using var scope = NewDisposeScope();
        var made = Sample(name, 400, Ideal, side: 64);

        Assert.InRange(made.std().item<float>(), Spread * 0.96, Spread * 1.04);
    }

    [Fact]
    public void Only_ancestral_samplers_ask_for_noise()
    {
        using var scope = NewDisposeScope();
        var askers = Sampler.All.Where(sampler =>
        {
            var asked = false;
            sampler.Sample(new(Ideal, Noise(1), Schedule.Levels(sampler.Spacing, 4), _ =>
            {
                asked = true;
                return Noise(2);
            }));
            return asked;
        });

        Assert.Equal(["Euler a"], askers.Select(sampler => sampler.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_model_is_asked_once_a_step_and_nothing_is_left_behind(string name)
    {
        var calls = 0;
        using (var start = Noise(1).DetachFromDisposeScope())
        {
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var sampler = Sampler.Find(name);
            sampler.Sample(new((sample, sigma) => Ideal(sample, sigma, ref calls), start, Schedule.Levels(sampler.Spacing, 7), _ => Noise(2))).Dispose();
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(7, calls);
    }

    [Fact]
    public void An_unknown_name_is_told_with_the_known_ones() =>
        Assert.Contains("DPM++ 2M Karras", Assert.Throws<ArgumentException>(() => Sampler.Find("Heun")).Message, StringComparison.Ordinal);

    private static double Error(string name, int steps)
    {
        using var scope = NewDisposeScope();
        var sigma = Schedule.Levels(Sampler.Find(name).Spacing, steps)[0];
        var expected = Noise(1).Times(sigma * Spread / Math.Sqrt((Spread * Spread) + (sigma * sigma)));
        return (Sample(name, steps, Ideal) - expected).norm().item<float>() / expected.norm().item<float>();
    }

    private static Tensor Sample(string name, int steps, Func<Tensor, double, Tensor> denoise, int side = 4)
    {
        var sampler = Sampler.Find(name);
        var sigmas = Schedule.Levels(sampler.Spacing, steps);
        return sampler.Sample(new(denoise, Noise(1, side).Times(sigmas[0]), sigmas, step => Noise(step + 2, side)));
    }

    private static Tensor Ideal(Tensor sample, double sigma) => sample.Times(Spread * Spread / ((Spread * Spread) + (sigma * sigma)));

    private static Tensor Ideal(Tensor sample, double sigma, ref int calls)
    {
        calls++;
        return Ideal(sample, sigma);
    }

    private static Tensor Noise(int item, int side = 4) => new CounterRandom(7, RandomPurpose.Noise, item: item).Normal(1, 4, side, side);

    private static SigmaSchedule MakeSchedule()
    {
        using var schedule = new NoiseSchedule();
        return new SigmaSchedule(schedule);
    }
}
