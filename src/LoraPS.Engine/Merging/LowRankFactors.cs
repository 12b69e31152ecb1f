using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>A matrix as the product of two thin ones, with what the product leaves out.</summary>
/// <param name="up">Left factor [out, rank], float32.</param>
/// <param name="down">Right factor [rank, in], float32.</param>
/// <param name="spectrum">Singular values of the matrix the factors stand for.</param>
/// <param name="relativeError">‖M - up·down‖ / ‖M‖ in the Frobenius norm, 0 to 1.</param>
public sealed class LowRankFactors(Tensor up, Tensor down, Spectrum spectrum, double relativeError) : IDisposable
{
    /// <summary>Left factor [out, rank], float32.</summary>
    public Tensor Up { get; } = up;

    /// <summary>Right factor [rank, in], float32.</summary>
    public Tensor Down { get; } = down;

    /// <summary>Singular values of the matrix the factors stand for.</summary>
    public Spectrum Spectrum { get; } = spectrum;

    /// <summary>‖M - up·down‖ / ‖M‖ in the Frobenius norm: 0 (nothing lost) to 1.</summary>
    public double RelativeError { get; } = relativeError;

    /// <summary>Number of columns of <see cref="Up"/>.</summary>
    public int Rank => (int)Up.shape[1];

    /// <summary>Keeps both factors past the end of the current dispose scope.</summary>
    public LowRankFactors MoveToOuterDisposeScope()
    {
        Up.MoveToOuterDisposeScope();
        Down.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Frees both factors.</summary>
    public void Dispose()
    {
        Up.Dispose();
        Down.Dispose();
    }
}
