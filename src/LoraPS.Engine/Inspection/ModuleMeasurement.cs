using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Inspection;

/// <summary>How strong one module of a LoRA is, and how many directions it uses.</summary>
/// <param name="Name">Module name.</param>
/// <param name="Rank">Rank it is stored with.</param>
/// <param name="Alpha">Its alpha; the rank where the file has none.</param>
/// <param name="WeightShape">Shape of the weight it changes.</param>
/// <param name="Down">The factor from the input to the bottleneck.</param>
/// <param name="Up">The factor from the bottleneck to the output.</param>
/// <param name="SingularValues">Of alpha/rank·up·down, largest first; as many as the rank, or the weight's smaller side.</param>
public sealed record ModuleMeasurement(
    string Name, long Rank, double Alpha, IReadOnlyList<long> WeightShape, FactorMeasurement Down, FactorMeasurement Up, IReadOnlyList<double> SingularValues)
{
    /// <summary>The block it lies in, or null.</summary>
    public UNetBlock? Block => BlockLocator.Find(Name);

    /// <summary>Frobenius norm of the weight difference, alpha counted.</summary>
    public double Norm => Math.Sqrt(SingularValues.Sum(value => value * value));

    /// <summary>Largest singular value of the weight difference: the most it can stretch an input.</summary>
    public double SpectralNorm => SingularValues.Count == 0 ? 0 : SingularValues[0];

    /// <summary>How many directions it uses: exp of the entropy of the singular values' shares. 0 for a dead module, at most the rank.</summary>
    /// <remarks>Roy, Vetterli, "The effective rank" (EUSIPCO 2007).</remarks>
    public double EffectiveRank
    {
        get
        {
            var sum = SingularValues.Sum();
            var shares = SingularValues.Where(value => value > 0).Select(value => value / sum);
            return sum == 0 ? 0 : Math.Exp(-shares.Sum(share => share * Math.Log(share)));
        }
    }

    /// <summary>Squared Frobenius norm over squared spectral norm: near 1 when one direction dominates. 0 for a dead module.</summary>
    public double StableRank => SpectralNorm == 0 ? 0 : Norm * Norm / (SpectralNorm * SpectralNorm);

    /// <summary>True when it changes nothing.</summary>
    public bool IsDead => Norm == 0;
}
