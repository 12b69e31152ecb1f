namespace LoraPS.Engine.Lora;

/// <summary>How large the changes of a network's layers are after they were limited.</summary>
/// <param name="KeysScaled">Modules whose change was too large and was shrunk to the limit.</param>
/// <param name="MeanNorm">Mean of the Frobenius norms of all changes, afterwards.</param>
/// <param name="LargestNorm">The largest of them.</param>
public sealed record WeightNorms(int KeysScaled, double MeanNorm, double LargestNorm);
