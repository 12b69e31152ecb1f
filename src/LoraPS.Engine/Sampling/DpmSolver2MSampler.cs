using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>DPM-Solver++ (2M): second order from the step before, one model call a step.</summary>
/// <remarks>
/// Lu et al., "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models", 2022, algorithm 2. The first
/// step and the last, which ends at σ = 0, are of first order. Follows k-diffusion sample_dpmpp_2m, sampling.py@6ab5146.
/// </remarks>
public static class DpmSolver2MSampler
{
    /// <summary>Runs it.</summary>
    public static Tensor Sample(SamplerRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Tensor? before = null;
        return run.Walk((sample, i) =>
        {
            var (from, to) = (run.Sigmas[i], run.Sigmas[i + 1]);
            var denoised = run.Denoise(sample, from);
            var ahead = denoised;
            if (before is not null && to > 0)
            {
                // Half of the last step's change, carried over to this step's length in log σ.
                var share = Math.Log(from / to) / Math.Log(run.Sigmas[i - 1] / from) / 2;
                ahead = denoised.Plus((denoised - before).Times(share));
            }

            before = denoised;
            return EulerSampler.Step(sample, ahead, from, to);
        });
    }
}
