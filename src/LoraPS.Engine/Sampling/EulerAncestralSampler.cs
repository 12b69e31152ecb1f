using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Euler's method that goes below each level and adds fresh noise up to it.</summary>
/// <remarks>
/// The split of a step into a deterministic and a random part is that of DDPM (Ho et al., 2020). Follows k-diffusion
/// sample_euler_ancestral, sampling.py@6ab5146, with eta 1.
/// </remarks>
public static class EulerAncestralSampler
{
    /// <summary>Runs it.</summary>
    public static Tensor Sample(SamplerRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Walk((sample, i) =>
        {
            var (from, to) = (run.Sigmas[i], run.Sigmas[i + 1]);
            var added = Math.Min(to, to / from * Math.Sqrt((from * from) - (to * to)));
            var down = Math.Sqrt((to * to) - (added * added));
            var next = EulerSampler.Step(sample, run.Denoise(sample, from), from, down);
            return added == 0 ? next : next.Plus(run.Noise(i).Times(added));
        });
    }
}
