using LoraPS.Engine.Data;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

public sealed class NoiseSamplerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _latents = ones(4, 8, 12) * 2;

    [Fact]
    public void White_noise_does_not_depend_on_the_settings_of_other_noise()
    {
        var white = Sampler(new()).Noise(_latents, 1, Item(0));
        var shifted = Sampler(new() { Offset = 0.1 }).Noise(_latents, 1, Item(0)) - white;
        // One shift a channel.
        Assert.True(shifted.std([1, 2]).max().item<float>() < 1e-6);
        Assert.True(shifted.abs().min().item<float>() > 0);
    }

    [Fact]
    public void A_random_strength_is_a_share_of_the_same_shift()
    {
        var white = Sampler(new()).Noise(_latents, 1, Item(0));
        var full = Sampler(new() { Offset = 0.1 }).Noise(_latents, 1, Item(0)) - white;
        var share = (Sampler(new() { Offset = 0.1, OffsetRandomStrength = true }).Noise(_latents, 1, Item(0)) - white) / full;
        Assert.InRange(share.mean().item<float>(), 0, 1);
        Assert.True(share.std().item<float>() < 1e-4);
    }

    [Fact]
    public void Pyramid_noise_has_unit_variance_and_hangs_together_more()
    {
        var white = Sampler(new()).Noise(zeros(4, 32, 32), 1, Item(0));
        var pyramid = Sampler(new() { PyramidLevels = 6, PyramidDiscount = 0.8 }).Noise(zeros(4, 32, 32), 1, Item(0));
        Assert.Equal(1, pyramid.std().item<float>(), 1e-5);
        float Neighbours(Tensor noise) => (noise.narrow(2, 0, 31) * noise.narrow(2, 1, 31)).mean().item<float>();
        Assert.True(Neighbours(pyramid) > Neighbours(white) + 0.2);
    }

    [Fact]
    public void Timesteps_are_drawn_from_the_range_and_reach_both_ends()
    {
        var sampler = Sampler(new() { MinTimestep = 200, MaxTimestep = 204 });
        Assert.Equal([200L, 201, 202, 203], Enumerable.Range(0, 200).Select(i => sampler.Timestep(1, Item(i))).Distinct().Order());
    }

    [Fact]
    public void Perturbation_has_its_standard_deviation()
    {
        Assert.Null(Sampler(new()).Perturbation([4, 64, 64], 1, Item(0)));
        Assert.Equal(0.1, Sampler(new() { InputPerturbation = 0.1 }).Perturbation([4, 64, 64], 1, Item(0))!.std().item<float>(), 0.003);
        Assert.InRange(Sampler(new() { InputPerturbation = 0.1, InputPerturbationRandomStrength = true }).Perturbation([4, 64, 64], 1, Item(0))!.std().item<float>(), 0, 0.1);
    }

    [Fact]
    public void Pictures_and_epochs_have_numbers_of_their_own_and_equal_draws_equal_numbers()
    {
        var options = new NoiseOptions { Offset = 0.1, PyramidLevels = 4, InputPerturbation = 0.1 };
        Assert.True(Same(Sampler(options).Noise(_latents, 1, Item(0)), Sampler(options).Noise(_latents, 1, Item(0))));
        Assert.False(Same(Sampler(options).Noise(_latents, 1, Item(0)), Sampler(options).Noise(_latents, 1, Item(1))));
        Assert.False(Same(Sampler(options).Noise(_latents, 1, Item(0)), Sampler(options).Noise(_latents, 2, Item(0))));
    }

    public void Dispose() => _scope.Dispose();

    private static bool Same(Tensor a, Tensor b) => a.equal(b).all().item<bool>();

    private static NoiseSampler Sampler(NoiseOptions options) => new(5, options);

    private static BatchItem Item(int index) => new(null!, 0, index, false, default, "");
}
