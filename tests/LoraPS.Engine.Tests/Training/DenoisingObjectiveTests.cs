using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

public sealed class DenoisingObjectiveTests : IDisposable
{
    private readonly GoldenTensors _golden = GoldenTensors.Open("train_math/schedule.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_that_predicts_velocities_is_right_when_it_says_the_velocity(bool zeroTerminalSnr)
    {
        using var objective = new DenoisingObjective(new(), vPrediction: true, zeroTerminalSnr);
        var name = zeroTerminalSnr ? "zero_terminal_snr" : "normal";
        _golden.AssertNear($"{name}.noisy", objective.NoisyLatents(Inputs()), 1e-5);
        Assert.Equal(0, objective.Loss(_golden[$"{name}.velocity"], Inputs()).item<float>(), 1e-9);
        Assert.True(objective.Loss(_golden["noise"], Inputs()).item<float>() > 0.01);
    }

    [Fact]
    public void A_model_that_predicts_noise_is_right_when_it_says_the_noise()
    {
        using var objective = new DenoisingObjective(new() { MinSnrGamma = 5 });
        Assert.Equal(0, objective.Loss(_golden["noise"], Inputs()).item<float>());
    }

    [Fact]
    public void Perturbation_is_seen_and_not_predicted()
    {
        using var objective = new DenoisingObjective(new());
        var inputs = Inputs();
        var perturbed = inputs with { Perturbation = inputs.Noise * 0.5 };
        var seen = inputs with { Noise = inputs.Noise * 1.5 };
        Assert.True((objective.NoisyLatents(perturbed) - objective.NoisyLatents(seen)).abs().max().item<float>() < 1e-5);
        Assert.Equal(0, objective.Loss(_golden["noise"], perturbed).item<float>());
    }

    [Fact]
    public void Min_SNR_follows_the_schedule_that_is_trained_with_unless_the_ratios_before_are_asked_for()
    {
        var options = new LossOptions { MinSnrGamma = 5 };
        float Loss(LossOptions loss) => Of(new DenoisingObjective(loss, vPrediction: true, zeroTerminalSnr: true));
        float Of(DenoisingObjective objective)
        {
            using (objective)
                return objective.Loss(zeros_like(_golden["noise"]), Last()).item<float>();
        }

        var unweighted = Loss(new());
        Assert.Equal(0, Loss(options));
        // The ratio of the last timestep before rescaling is 0.00468, and so is nearly its weight.
        Assert.Equal(0.004682 / 1.004682, Loss(options with { SnrBeforeRescaling = true }) / unweighted, 1e-5);
    }

    [Fact]
    public void A_mask_of_0_leaves_nothing_to_learn()
    {
        using var objective = new DenoisingObjective(new());
        var inputs = Inputs();
        float Loss(double mask) => objective.Loss(zeros_like(inputs.Noise), inputs with { Mask = full([6, 48, 40], mask, dtype: ScalarType.Float32) }).item<float>();
        Assert.Equal(0, Loss(0));
        Assert.Equal(0.5, Loss(0.5) / Loss(1), 1e-5);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _golden.Dispose();
    }

    private DenoisingInputs Inputs() => new(_golden["latents"], _golden["noise"], _golden["timesteps"], [1, 1, 1, 1, 1, 1]);

    private DenoisingInputs Last() => Inputs() with { Timesteps = full([6], 999, dtype: ScalarType.Int64) };
}
