using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Diffusion;

/// <summary>How much signal and how much noise a latent holds at each timestep of the diffusion process.</summary>
/// <remarks>
/// The "scaled linear" schedule of latent diffusion: the square roots of the betas are equally spaced
/// (Ho et al., "Denoising diffusion probabilistic models", 2020; Rombach et al., 2022). Follows diffusers 0.32.1 DDPMScheduler,
/// float32 throughout, because the signal-to-noise ratio of the first steps depends on that rounding.
/// </remarks>
public sealed class NoiseSchedule : IDisposable
{
    /// <summary>Builds the tables.</summary>
    /// <param name="timestepCount">Number of timesteps; Stable Diffusion has 1000.</param>
    /// <param name="betaStart">Share of noise added at the first timestep; default 0.00085.</param>
    /// <param name="betaEnd">Share of noise added at the last timestep; default 0.012.</param>
    /// <param name="zeroTerminalSnr">Whether the tables are rescaled so that nothing of the signal is left at the last timestep
    /// (Lin et al., "Common diffusion noise schedules and sample steps are flawed", 2024).</param>
    public NoiseSchedule(int timestepCount = 1000, double betaStart = 0.00085, double betaEnd = 0.012, bool zeroTerminalSnr = false)
    {
        TorchRuntime.EnsureLoaded();
        ArgumentOutOfRangeException.ThrowIfLessThan(timestepCount, 2);
        using var scope = NewDisposeScope();
        TimestepCount = timestepCount;
        var betas = Array.ConvertAll(Spread((float)Math.Sqrt(betaStart), (float)Math.Sqrt(betaEnd), timestepCount), root => root * root);
        Betas = tensor(zeroTerminalSnr ? Rescale(betas) : betas).DetachFromDisposeScope();
        AlphasCumprod = Betas.SubtractedFrom(1).cumprod(0).DetachFromDisposeScope();
        Snr = (AlphasCumprod.sqrt() / AlphasCumprod.SubtractedFrom(1).sqrt()).Squared().DetachFromDisposeScope();
    }

    /// <summary>Number of timesteps.</summary>
    public int TimestepCount { get; }

    /// <summary>Share of noise added at each timestep, [timesteps], float32.</summary>
    public Tensor Betas { get; }

    /// <summary>Share of the signal's variance that is left at each timestep, [timesteps], float32, 1 to 0.</summary>
    public Tensor AlphasCumprod { get; }

    /// <summary>Signal-to-noise ratio at each timestep, [timesteps], float32.</summary>
    public Tensor Snr { get; }

    /// <summary>Brings latents to a timestep: √ᾱ·latents + √(1−ᾱ)·noise.</summary>
    /// <param name="latents">Scaled latents [B, …], float32.</param>
    /// <param name="noise">Standard normal noise, same shape.</param>
    /// <param name="timesteps">Timestep of each latent, [B], int64, 0 to the number of timesteps less 1.</param>
    /// <returns>Noisy latents, same shape.</returns>
    public Tensor AddNoise(Tensor latents, Tensor noise, Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var (signal, spread) = At(timesteps, latents);
        return (signal * latents).Plus(spread * noise).MoveToOuterDisposeScope();
    }

    /// <summary>The velocity that v-prediction models learn: √ᾱ·noise − √(1−ᾱ)·latents.</summary>
    /// <param name="latents">Scaled latents [B, …], float32.</param>
    /// <param name="noise">Standard normal noise, same shape.</param>
    /// <param name="timesteps">Timestep of each latent, [B], int64, 0 to the number of timesteps less 1.</param>
    /// <returns>Velocities, same shape.</returns>
    /// <remarks>Salimans and Ho, "Progressive distillation", 2022.</remarks>
    public Tensor Velocity(Tensor latents, Tensor noise, Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var (signal, spread) = At(timesteps, latents);
        return ((signal * noise) - (spread * latents)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Betas.Dispose();
        AlphasCumprod.Dispose();
        Snr.Dispose();
    }

    /// <summary>Equally spaced numbers, rounded as torch.linspace rounds them on processors with vectors of eight.</summary>
    /// <remarks>
    /// libtorch's own depends on the processor, in the last digit; without signal at the end that digit is worth 1e-5. The first
    /// number of each eight is reckoned from the nearer end in one rounding, the others from that one (aten/src/ATen/native/cpu/RangeFactoriesKernel.cpp).
    /// </remarks>
    private static float[] Spread(float start, float end, int count)
    {
        const int lanes = 8;
        var step = (end - start) / (count - 1);
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
        {
            var first = i - (i % lanes);
            var origin = first < count / 2 ? MathF.FusedMultiplyAdd(step, first, start) : MathF.FusedMultiplyAdd(-step, count - first - 1, end);
            numbers[i] = origin + (step * (i - first));
        }

        return numbers;
    }

    /// <summary>Moves √ᾱ so that its last value is 0, and stretches it so that its first stays.</summary>
    /// <remarks>
    /// Follows fix_noise_scheduler_betas_for_zero_terminal_snr in sd-scripts library/custom_train_functions.py@48d368fa, with its
    /// roundings: float32, but for the running product, which torch.cumprod keeps in float64.
    /// </remarks>
    private static float[] Rescale(float[] betas)
    {
        var left = 1.0;
        var signal = Array.ConvertAll(betas, beta => MathF.Sqrt((float)(left *= 1 - beta)));
        var (first, last) = (signal[0], signal[^1]);
        var stretch = first / (first - last);
        var remaining = Array.ConvertAll(signal, value => (value - last) * stretch * ((value - last) * stretch));
        return [1 - remaining[0], .. remaining.Skip(1).Zip(remaining, (now, before) => 1 - (now / before))];
    }

    private (Tensor Signal, Tensor Spread) At(Tensor timesteps, Tensor like)
    {
        // [B] -> [B, 1, …] so that it multiplies every element of its latent
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = -1;
        var remaining = AlphasCumprod[timesteps].reshape(shape);
        return (remaining.sqrt(), remaining.SubtractedFrom(1).sqrt());
    }
}
