using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Inspection;

/// <summary>How far a module of one LoRA is from the same module of another.</summary>
/// <param name="Name">Module name.</param>
/// <param name="Rank">Its rank in the first file.</param>
/// <param name="OtherRank">Its rank in the second.</param>
/// <param name="Norm">Frobenius norm of the first's weight difference.</param>
/// <param name="OtherNorm">Of the second's.</param>
/// <param name="Distance">Frobenius norm of first minus second.</param>
/// <param name="InnerProduct">Sum of the products of their entries.</param>
public sealed record ModuleComparison(string Name, long Rank, long OtherRank, double Norm, double OtherNorm, double Distance, double InnerProduct)
{
    /// <summary>The block it lies in, or null.</summary>
    public UNetBlock? Block => BlockLocator.Find(Name);

    /// <summary>Distance as a share of the first's norm: 0 when equal; infinite when only the first is zero.</summary>
    public double RelativeDifference => Distance == 0 ? 0 : Distance / Norm;

    /// <summary>Cosine of the angle between both: 1 for the same direction, 0 for none in common, -1 for opposites; 0 when one is zero.</summary>
    public double Cosine => Norm * OtherNorm == 0 ? 0 : Math.Clamp(InnerProduct / (Norm * OtherNorm), -1, 1);
}
