using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Vae;

/// <summary>A normal distribution for each latent value, independent of the others: what the VAE's encoder says.</summary>
/// <remarks>
/// Kingma and Welling, "Auto-encoding variational Bayes" (ICLR 2014). Follows diffusers DiagonalGaussianDistribution,
/// src/diffusers/models/autoencoders/vae.py@58eb52c.
/// </remarks>
public sealed class DiagonalGaussian : IDisposable
{
    /// <summary>Splits moments into mean and logarithm of the variance.</summary>
    /// <param name="moments">[B, 2·C, h, w].</param>
    public DiagonalGaussian(Tensor moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        using var scope = NewDisposeScope();
        var halves = moments.chunk(2, dim: 1);
        Mean = halves[0].contiguous().MoveToOuterDisposeScope();
        LogVar = halves[1].Clamped(-30, 20).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Means [B, C, h, w], not scaled.</summary>
    public Tensor Mean { get; }

    /// <summary>Logarithms of the variances [B, C, h, w], -30 to 20.</summary>
    public Tensor LogVar { get; }

    /// <summary>A draw: mean + standard deviation · noise.</summary>
    /// <param name="noise">Standard normal numbers [B, C, h, w].</param>
    /// <returns>[B, C, h, w], not scaled.</returns>
    public Tensor Sample(Tensor noise)
    {
        using var scope = NewDisposeScope();
        return Mean.Plus(LogVar.Times(0.5).exp() * noise).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        LogVar.Dispose();
    }
}
