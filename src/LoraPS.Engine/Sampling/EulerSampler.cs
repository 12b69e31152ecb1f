using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Euler's method on the probability flow: each step goes straight to the next noise level.</summary>
/// <remarks>
/// Karras et al., 2022, algorithm 2 without churn, which in these variables (the signal unscaled) is DDIM without added noise:
/// Song et al., "Denoising diffusion implicit models", 2021. It ends at the clean latents, as with diffusers' set_alpha_to_one.
/// </remarks>
public static class EulerSampler
{
    /// <summary>Runs it.</summary>
    public static Tensor Sample(SamplerRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Walk((sample, i) => Step(sample, run.Denoise(sample, run.Sigmas[i]), run.Sigmas[i], run.Sigmas[i + 1]));
    }

    /// <summary>The sample at another level, if what the model expects did not change on the way: D + σ′/σ·(x − D).</summary>
    internal static Tensor Step(Tensor sample, Tensor denoised, double from, double to) =>
        to == 0 ? denoised : denoised.Plus((sample - denoised).Times(to / from));
}
