using LoraPS.Engine.Diffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Diffusion;

/// <summary>Numbers computed by diffusers 0.32.1 (DDPMScheduler) and sd-scripts 48d368fa (SNR).</summary>
public class NoiseScheduleTests
{
    [Fact]
    public void Tables_equal_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/schedule.safetensors");
        using var scope = NewDisposeScope();
        using var schedule = new NoiseSchedule();
        foreach (var (name, table) in new[] { ("betas", schedule.Betas), ("alphas_cumprod", schedule.AlphasCumprod), ("all_snr", schedule.Snr) })
        {
            var expected = golden[$"normal.{name}"];
            var relative = ((table - expected) / expected).abs().max().item<float>();
            Assert.True(relative <= 1e-6, $"{name}: {relative:g4}");
        }
    }

    [Fact]
    public void Noise_and_velocity_equal_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/schedule.safetensors");
        using var scope = NewDisposeScope();
        using var schedule = new NoiseSchedule();
        golden.AssertNear("normal.noisy", schedule.AddNoise(golden["latents"], golden["noise"], golden["timesteps"]), 1e-5);
        golden.AssertNear("normal.velocity", schedule.Velocity(golden["latents"], golden["noise"], golden["timesteps"]), 1e-5);
    }

    [Fact]
    public void A_schedule_that_ends_without_signal_equals_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/schedule.safetensors");
        using var scope = NewDisposeScope();
        using var schedule = new NoiseSchedule(zeroTerminalSnr: true);
        golden.AssertNear("zero_terminal_snr.betas", schedule.Betas, 1e-6);
        golden.AssertNear("zero_terminal_snr.alphas_cumprod", schedule.AlphasCumprod, 1e-6);
        golden.AssertNear("zero_terminal_snr.noisy", schedule.AddNoise(golden["latents"], golden["noise"], golden["timesteps"]), 1e-5);
        golden.AssertNear("zero_terminal_snr.velocity", schedule.Velocity(golden["latents"], golden["noise"], golden["timesteps"]), 1e-5);
    }

    /// <summary>sd-scripts keeps the ratios of the schedule before it was rescaled.</summary>
    [Fact]
    public void Its_ratios_are_those_of_the_schedule_itself()
    {
        using var scope = NewDisposeScope();
        using var schedule = new NoiseSchedule(zeroTerminalSnr: true);
        Assert.Equal(0, schedule.AlphasCumprod[-1].item<float>());
        Assert.Equal(0, schedule.Snr[-1].item<float>());
        Assert.Equal(0.00296039 / (1 - 0.00296039), schedule.Snr[900].item<float>(), 1e-6);
    }

    [Fact]
    public void Noisy_latents_and_velocity_are_a_rotation_of_latents_and_noise()
    {
        using var schedule = new NoiseSchedule(timestepCount: 10);
        using var scope = NewDisposeScope();
        var (latents, noise, timesteps) = (rand(3, 4, 2, 2), rand(3, 4, 2, 2), tensor(new long[] { 0, 4, 9 }));
        var (noisy, velocity) = (schedule.AddNoise(latents, noise, timesteps), schedule.Velocity(latents, noise, timesteps));
        var difference = ((noisy.square() + velocity.square()) - (latents.square() + noise.square())).abs().max().item<float>();
        Assert.True(difference < 1e-5, $"{difference:g4}");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        using (var schedule = new NoiseSchedule())
            schedule.AddNoise(ones(1, 4, 2, 2), ones(1, 4, 2, 2), tensor(new long[] { 5 }));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
