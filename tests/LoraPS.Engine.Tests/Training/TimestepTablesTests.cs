using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Numbers computed by sd-scripts 48d368fa (custom_train_functions).</summary>
public sealed class TimestepTablesTests : IDisposable
{
    private readonly GoldenTensors _golden = GoldenTensors.Open("train_math/loss_weights.safetensors");
    private readonly NoiseSchedule _schedule = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string, LossOptions, bool> Cases => new()
    {
        { "min_snr_gamma_1.eps", new() { MinSnrGamma = 1 }, false },
        { "min_snr_gamma_1.v", new() { MinSnrGamma = 1 }, true },
        { "min_snr_gamma_5.eps", new() { MinSnrGamma = 5 }, false },
        { "min_snr_gamma_5.v", new() { MinSnrGamma = 5 }, true },
        { "min_snr_gamma_20.0.eps", new() { MinSnrGamma = 20 }, false },
        { "min_snr_gamma_20.0.v", new() { MinSnrGamma = 20 }, true },
        { "debiased_estimation.eps", new() { DebiasedEstimation = true }, false },
        { "debiased_estimation.v", new() { DebiasedEstimation = true }, true },
        { "scale_v_pred_loss_like_noise_pred", new() { ScaleVelocityLikeNoise = true }, true },
        { "v_pred_like_loss_0.5", new() { VelocityLikeLoss = 0.5 }, false },
        { "v_pred_like_loss_1.0", new() { VelocityLikeLoss = 1 }, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weighted_losses_equal_the_reference(string name, LossOptions options, bool vPrediction)
    {
        var weights = TimestepTables.Weights(options, vPrediction, _schedule.Snr.data<float>().ToArray());
        var timesteps = _golden["timesteps"].data<long>().ToArray();
        var weighted = _golden["loss"].data<float>().Zip(timesteps, (loss, timestep) => loss * weights[timestep]).ToArray();
        foreach (var (expected, actual) in _golden[name].data<float>().Zip(weighted))
            Assert.Equal(1, actual / expected, 2e-6);
    }

    [Fact]
    public void Weights_that_are_on_together_are_multiplied()
    {
        float[] Of(LossOptions options, bool v) => TimestepTables.Weights(options, v, _schedule.Snr.data<float>().ToArray());
        var both = Of(new() { MinSnrGamma = 5, ScaleVelocityLikeNoise = true, DebiasedEstimation = true }, true);
        var (first, second, third) = (Of(new() { MinSnrGamma = 5 }, true), Of(new() { ScaleVelocityLikeNoise = true }, true), Of(new() { DebiasedEstimation = true }, true));
        foreach (var timestep in (int[])[0, 1, 500, 999])
            Assert.Equal(1, both[timestep] / (first[timestep] * second[timestep] * third[timestep]), 1e-5);
    }

    [Fact]
    public void Nothing_on_leaves_every_loss_as_it_is() =>
        Assert.All(TimestepTables.Weights(new(), false, _schedule.Snr.data<float>().ToArray()), weight => Assert.Equal(1f, weight));

    /// <summary>sd-scripts divides 0 by 0 there if it is given the ratios of the rescaled schedule.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void A_timestep_without_signal_has_a_finite_weight(bool vPrediction, float expected) =>
        Assert.Equal([expected], TimestepTables.Weights(new() { MinSnrGamma = 5 }, vPrediction, [0f]));

    public void Dispose()
    {
        _scope.Dispose();
        _schedule.Dispose();
        _golden.Dispose();
    }
}
