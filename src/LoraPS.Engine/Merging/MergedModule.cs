using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>A module as a merge method leaves it.</summary>
/// <param name="up">lora_up as a matrix [out, rank].</param>
/// <param name="down">lora_down as a matrix [rank, in].</param>
/// <param name="alpha">The alpha to write; the weight difference is alpha/rank·up·down.</param>
/// <param name="norm">Frobenius norm of the weight difference that the method aims at.</param>
/// <param name="relativeError">Distance of what is written from that difference, as a share of its norm.</param>
public sealed class MergedModule(Tensor up, Tensor down, double alpha, double norm, double relativeError) : IDisposable
{
    /// <summary>lora_up as a matrix [out, rank].</summary>
    public Tensor Up { get; } = up;

    /// <summary>lora_down as a matrix [rank, in].</summary>
    public Tensor Down { get; } = down;

    /// <summary>The alpha to write.</summary>
    public double Alpha { get; } = alpha;

    /// <summary>Frobenius norm of the weight difference that the method aims at.</summary>
    public double Norm { get; } = norm;

    /// <summary>Distance of what is written from that difference, as a share of its norm; 0 when nothing is lost.</summary>
    public double RelativeError { get; } = relativeError;

    /// <summary>Takes over a low-rank approximation, strength 1 (alpha = rank).</summary>
    internal static MergedModule Of(LowRankFactors factors) =>
        new(factors.Up, factors.Down, factors.Rank, Math.Sqrt(factors.Spectrum.Energy), factors.RelativeError);

    /// <summary>Frees both factors.</summary>
    public void Dispose()
    {
        Up.Dispose();
        Down.Dispose();
    }
}
