using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>UniPC of second order: what the model says at a new level first corrects the sample there, then predicts the next.</summary>
/// <remarks>
/// Zhao et al., "UniPC: a unified predictor-corrector framework for fast sampling of diffusion models", 2023, the B₂(h)
/// form on clean latents. As its authors do it, the first step has order 1 and the last ends at the model's answer.
/// </remarks>
public static class UniPcSampler
{
    /// <summary>Runs it.</summary>
    public static Tensor Sample(SamplerRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        // The last step taken: where it began and what the model said there, and before that.
        Tensor? start = null, first = null, before = null;
        return run.Walk((predicted, i) =>
        {
            var sigmas = run.Sigmas;
            var denoised = run.Denoise(predicted, sigmas[i]);
            var sample = start is null ? predicted : Correct(start, first!, before, denoised, sigmas, i);
            (start, before, first) = (sample, first, denoised);
            return Predict(sample, denoised, before, sigmas, i);
        });
    }

    private static Tensor Predict(Tensor sample, Tensor denoised, Tensor? before, IReadOnlyList<double> sigmas, int i)
    {
        if (before is null || sigmas[i + 1] == 0)
            return EulerSampler.Step(sample, denoised, sigmas[i], sigmas[i + 1]);
        var slope = (before - denoised).Times(1 / Ratio(sigmas, i));
        return EulerSampler.Step(sample, denoised.Plus(slope.Times(0.5)), sigmas[i], sigmas[i + 1]);
    }

    /// <summary>Takes the step to level i again, now that the model's answer there is known.</summary>
    private static Tensor Correct(Tensor start, Tensor first, Tensor? before, Tensor denoised, IReadOnlyList<double> sigmas, int i)
    {
        var ahead = denoised - first;
        if (before is null)
            return EulerSampler.Step(start, first.Plus(ahead.Times(0.5)), sigmas[i - 1], sigmas[i]);
        // Two conditions for the weights of the two differences: both orders of the exponential integral are met.
        var ratio = Ratio(sigmas, i - 1);
        var h = -Math.Log(sigmas[i - 1] / sigmas[i]);
        var whole = Math.Exp(h) - 1;
        var once = (whole / h) - 1;
        var twice = (once / h) - 0.5;
        double one = once / whole, two = 2 * twice / whole;
        var past = (two - one) / (ratio - 1);
        var change = (before - first).Times(past / ratio).Plus(ahead.Times(one - past));
        return EulerSampler.Step(start, first.Plus(change), sigmas[i - 1], sigmas[i]);
    }

    /// <summary>How far back the step before level i began, in units of the step from i, in log σ; negative.</summary>
    private static double Ratio(IReadOnlyList<double> sigmas, int i) =>
        -Math.Log(sigmas[i - 1] / sigmas[i]) / Math.Log(sigmas[i] / sigmas[i + 1]);
}
