namespace LoraPS.Engine.Inspection;

/// <summary>How two LoRA files differ.</summary>
/// <param name="Path">The first, as a full path.</param>
/// <param name="OtherPath">The second.</param>
/// <param name="Modules">Modules both have, in the order of the first.</param>
/// <param name="OnlyInFirst">Modules the second lacks.</param>
/// <param name="OnlyInSecond">Modules the first lacks.</param>
/// <param name="Incomparable">Modules both have, for weights of different shapes.</param>
public sealed record LoraComparisonResult(
    string Path, string OtherPath, IReadOnlyList<ModuleComparison> Modules,
    IReadOnlyList<string> OnlyInFirst, IReadOnlyList<string> OnlyInSecond, IReadOnlyList<string> Incomparable)
{
    private readonly ModuleComparison _whole = new(
        "", 0, 0, Root(Modules, module => module.Norm), Root(Modules, module => module.OtherNorm), Root(Modules, module => module.Distance), Modules.Sum(module => module.InnerProduct));

    /// <summary>Distance of all shared modules together, as a share of the first's norm.</summary>
    public double RelativeDifference => _whole.RelativeDifference;

    /// <summary>Cosine of all shared modules together.</summary>
    public double Cosine => _whole.Cosine;

    /// <summary>True when both have the same modules and the same weight differences.</summary>
    public bool AreEqual => OnlyInFirst.Count + OnlyInSecond.Count + Incomparable.Count == 0 && _whole.Distance == 0;

    private static double Root(IEnumerable<ModuleComparison> modules, Func<ModuleComparison, double> norm) =>
        Math.Sqrt(modules.Sum(module => norm(module) * norm(module)));
}
