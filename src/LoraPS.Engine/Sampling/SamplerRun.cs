using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>What a sampler works with: the way from noise to latents, step by step.</summary>
/// <param name="Denoise">The model: from a sample [B, C, h, w] and its noise level σ to the clean latents it expects there, same shape.</param>
/// <param name="Start">Noise of the first level, [B, C, h, w], float32.</param>
/// <param name="Sigmas">Noise levels, falling, the last one 0.</param>
/// <param name="Noise">Fresh standard normal noise for a step, the shape of <paramref name="Start"/>; only ancestral samplers ask for it.</param>
public sealed record SamplerRun(Func<Tensor, double, Tensor> Denoise, Tensor Start, IReadOnlyList<double> Sigmas, Func<int, Tensor> Noise)
{
    /// <summary>Goes through the steps.</summary>
    /// <param name="step">From the sample and the step's number to the next sample.</param>
    /// <returns>Clean latents, the shape of <see cref="Start"/>; the caller disposes them.</returns>
    public Tensor Walk(Func<Tensor, int, Tensor> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var sample = Start;
        for (var i = 0; i < Sigmas.Count - 1; i++)
            sample = step(sample, i);
        return sample.MoveToOuterDisposeScope();
    }
}
