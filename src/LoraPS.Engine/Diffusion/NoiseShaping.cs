using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Diffusion;

/// <summary>Noise that is not white, so that models learn pictures that are very dark, very bright, or large in their forms.</summary>
/// <remarks>Follows apply_noise_offset and pyramid_noise_like in sd-scripts library/custom_train_functions.py@48d368fa. Random numbers are the caller's.</remarks>
public static class NoiseShaping
{
    /// <summary>Shifts every channel of every picture.</summary>
    /// <param name="noise">Normal noise [B, C, h, w].</param>
    /// <param name="latents">Latents, same shape; their channels' means count with <paramref name="adaptiveScale"/>.</param>
    /// <param name="shifts">Standard normal numbers [B, C, 1, 1].</param>
    /// <param name="strength">Standard deviation of the shift.</param>
    /// <param name="adaptiveScale">Added to the strength for each unit of the absolute mean of the latents' channel, the sum at least 0; or null.</param>
    /// <returns>Noise of the same shape.</returns>
    /// <remarks>Guttenberg, "Diffusion with offset noise", 2023.</remarks>
    public static Tensor Offset(Tensor noise, Tensor latents, Tensor shifts, double strength, double? adaptiveScale = null)
    {
        ArgumentNullException.ThrowIfNull(latents);
        using var scope = NewDisposeScope();
        var shift = adaptiveScale is { } scale
            ? latents.mean([2, 3], keepdim: true).abs().Times(scale).Plus(strength).AtLeast(0) * shifts
            : shifts.Times(strength);
        return noise.Plus(shift).MoveToOuterDisposeScope();
    }

    /// <summary>Draws the sizes of pyramid noise's levels: from the full one down, each 2 to 4 times smaller again, to a side of 1.</summary>
    /// <param name="height">Height of the latents.</param>
    /// <param name="width">Width of the latents.</param>
    /// <param name="levels">How many there are at most.</param>
    /// <param name="uniform">Draws a number of at least 0 and below 1.</param>
    public static IReadOnlyList<(long Height, long Width)> PyramidSizes(long height, long width, int levels, Func<double> uniform)
    {
        ArgumentNullException.ThrowIfNull(uniform);
        var sizes = new List<(long Height, long Width)>();
        for (var level = 0; level < levels; level++)
        {
            var shrink = Math.Pow((uniform() * 2) + 2, level);
            sizes.Add((Math.Max(1, (long)(height / shrink)), Math.Max(1, (long)(width / shrink))));
            if (sizes[^1] is (1, _) or (_, 1))
                break;
        }

        return sizes;
    }

    /// <summary>Adds noise of lower and lower resolution, and scales the sum to a standard deviation of 1.</summary>
    /// <param name="noise">Normal noise [B, C, h, w].</param>
    /// <param name="levels">Standard normal numbers [B, C, …] of each of <see cref="PyramidSizes"/>.</param>
    /// <param name="discount">Share of each level in terms of the one before.</param>
    /// <returns>Noise of the same shape; the pictures of a batch are scaled together.</returns>
    /// <remarks>Whitaker, "Multi-resolution noise for diffusion model training", 2023.</remarks>
    public static Tensor Pyramid(Tensor noise, IReadOnlyList<Tensor> levels, double discount)
    {
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentNullException.ThrowIfNull(levels);
        using var scope = NewDisposeScope();
        var sum = noise.clone();
        foreach (var (level, numbers) in levels.Index())
        {
            var enlarged = nn.functional.interpolate(numbers, size: noise.shape[2..], mode: InterpolationMode.Bilinear, align_corners: false);
            sum.AddInPlace(enlarged, Math.Pow(discount, level));
        }

        return (sum / sum.std()).MoveToOuterDisposeScope();
    }
}
