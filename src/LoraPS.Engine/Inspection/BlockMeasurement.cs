using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Inspection;

/// <summary>How strong a LoRA is in one block of the model.</summary>
/// <param name="Block">The block; null for modules that lie in none.</param>
/// <param name="ModuleCount">How many modules lie in it.</param>
/// <param name="Norm">Frobenius norm of all its weight differences together.</param>
/// <param name="MeanNorm">Mean of the modules' norms.</param>
/// <param name="Share">Its share of the LoRA's squared norm, 0 to 1.</param>
public sealed record BlockMeasurement(UNetBlock? Block, int ModuleCount, double Norm, double MeanNorm, double Share);
