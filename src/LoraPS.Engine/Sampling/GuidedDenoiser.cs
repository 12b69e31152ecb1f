using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>What the U-Net expects without the noise, drawn towards a prompt and away from another.</summary>
/// <remarks>
/// Ho and Salimans, "Classifier-free diffusion guidance", 2022: negative + scale · (prompt − negative), on the predicted noise.
/// Both predictions are one call with a batch twice as large; at scale 1 the negative prompt is left out.
/// </remarks>
/// <param name="unet">A U-Net, on any device and in any number format; not owned.</param>
/// <param name="schedule">Its noise levels.</param>
/// <param name="states">Text states of the prompt [1, n, width]; not owned.</param>
/// <param name="negativeStates">Text states of the negative prompt, same shape; not owned.</param>
/// <param name="scale">Guidance scale.</param>
/// <param name="predictsVelocity">Whether the U-Net predicts velocities (√ᾱ·noise − √(1−ᾱ)·latents) instead of noise.</param>
public sealed class GuidedDenoiser(UNet2DConditionModel unet, SigmaSchedule schedule, Tensor states, Tensor negativeStates, double scale, bool predictsVelocity = false)
{
    /// <summary>The clean latents that the U-Net sees in a sample.</summary>
    /// <param name="sample">Latents plus σ times noise, [B, 4, h, w], float32.</param>
    /// <param name="sigma">Noise level, above 0.</param>
    /// <returns>[B, 4, h, w]; the caller disposes it.</returns>
    public Tensor Denoise(Tensor sample, double sigma)
    {
        ArgumentNullException.ThrowIfNull(sample);
        using var scope = NewDisposeScope();
        // The U-Net knows samples of variance near 1.
        var scaled = sample.DividedBy(Math.Sqrt(1 + (sigma * sigma)));
        var prediction = Predict(scaled, schedule.TimestepOf(sigma)).to(sample.dtype, sample.device);
        // x = √ᾱ·sample: of a velocity v the clean latents are √ᾱ·x − √(1−ᾱ)·v, with √ᾱ = 1/√(1+σ²).
        return (predictsVelocity
            ? (scaled - prediction.Times(sigma)).DividedBy(Math.Sqrt(1 + (sigma * sigma)))
            : sample - prediction.Times(sigma)).MoveToOuterDisposeScope();
    }

    private Tensor Predict(Tensor latents, double timestep)
    {
        var scaled = latents.to(states.dtype, states.device);
        var count = scaled.shape[0];
        if (scale == 1)
            return unet.call(scaled, Repeat(timestep, count), states.expand(count, -1, -1));
        var both = cat([negativeStates.expand(count, -1, -1), states.expand(count, -1, -1)]);
        var parts = unet.call(cat([scaled, scaled]), Repeat(timestep, 2 * count), both).chunk(2);
        return parts[0].Plus((parts[1] - parts[0]).Times(scale));
    }

    private Tensor Repeat(double timestep, long count) => tensor((float)timestep, device: states.device).expand(count);
}
