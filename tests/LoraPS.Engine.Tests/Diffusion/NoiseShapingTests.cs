using System.Text.Json;
using LoraPS.Engine.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Diffusion;

/// <summary>Numbers computed by sd-scripts 48d368fa from the normal numbers it drew.</summary>
public sealed class NoiseShapingTests : IDisposable
{
    private readonly GoldenTensors _golden = GoldenTensors.Open("train_math/noise.safetensors");
    private readonly JsonElement _facts = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("train_math/noise.json"))).RootElement;
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData("offset", 0.1, null)]
    [InlineData("offset_adaptive", 0.05, 0.02)]
    [InlineData("offset_adaptive_negative", 0.05, -0.5)]
    public void Offset_noise_equals_the_reference(string name, double strength, double? adaptiveScale) =>
        _golden.AssertNear($"{name}.out", NoiseShaping.Offset(_golden["noise"], _golden["latents"], _golden[$"{name}.randn"], strength, adaptiveScale), 1e-5);

    [Theory]
    [InlineData("pyramid_6_0.4", 6, 0.4)]
    [InlineData("pyramid_10_0.8", 10, 0.8)]
    public void Pyramid_noise_equals_the_reference(string name, int levels, double discount)
    {
        var facts = _facts.GetProperty("noise").GetProperty(name);
        var uniform = new Queue<double>(facts.GetProperty("uniform_numbers").EnumerateArray().Select(number => number.GetDouble()));
        var sizes = NoiseShaping.PyramidSizes(16, 24, levels, uniform.Dequeue);
        Assert.Equal(facts.GetProperty("shapes").EnumerateArray().Select(shape => (shape[2].GetInt64(), shape[3].GetInt64())), sizes);
        Assert.Empty(uniform);

        var numbers = sizes.Select((_, level) => _golden[$"{name}.randn.{level}"]).ToList();
        _golden.AssertNear($"{name}.out", NoiseShaping.Pyramid(_golden["noise"], numbers, discount), 1e-5);
    }

    [Fact]
    public void A_negative_adaptive_scale_never_turns_the_shift_round()
    {
        var shifted = NoiseShaping.Offset(zeros(1, 1, 2, 2), ones(1, 1, 2, 2) * 10, ones(1, 1, 1, 1), 0.05, -0.5);
        Assert.Equal(0, shifted.abs().max().item<float>());
    }

    /// <summary>The whole of get_noise_noisy_latents_and_timesteps, with the numbers that PyTorch's generator draws for its seed.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Noise_and_noisy_latents_equal_the_reference(int number)
    {
        using var golden = GoldenTensors.Open("train_math/sampling.safetensors");
        using var schedule = new NoiseSchedule();
        var facts = _facts.GetProperty("sampling")[number];
        var options = facts.GetProperty("options");
        double? Number(string name) => options.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
        bool Flag(string name) => options.GetProperty(name).GetBoolean();
        var latents = golden["latents"];

        using var generator = new Generator(facts.GetProperty("seed").GetUInt64());
        var noise = randn(latents.shape, generator: generator);
        if (Number("noise_offset") is { } offset)
        {
            offset *= Flag("noise_offset_random_strength") ? rand([1], generator: generator).item<float>() : 1;
            noise = NoiseShaping.Offset(noise, latents, randn([2, 4, 1, 1], generator: generator), offset, Number("adaptive_noise_scale"));
        }

        golden.AssertNear($"{number}.noise", noise, 1e-5);
        var (low, high) = ((long)(Number("min_timestep") ?? 0), (long)(Number("max_timestep") ?? 1000));
        var timesteps = randint(low, high, [2], ScalarType.Int64, generator: generator);
        Assert.Equal(golden[$"{number}.timesteps"].data<long>().ToArray(), timesteps.data<long>().ToArray());
        if (Number("ip_noise_gamma") is { } gamma)
        {
            gamma *= Flag("ip_noise_gamma_random_strength") ? rand([1], generator: generator).item<float>() : 1;
            noise = noise + (randn(latents.shape, generator: generator) * gamma);
        }

        golden.AssertNear($"{number}.noisy_latents", schedule.AddNoise(latents, noise, timesteps), 1e-5);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _golden.Dispose();
    }
}
