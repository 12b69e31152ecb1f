namespace LoraPS.Engine.Inspection;

/// <summary>Size of one factor of a module.</summary>
/// <param name="Key">Its key in the file.</param>
/// <param name="Shape">As stored.</param>
/// <param name="Norm">Frobenius norm.</param>
/// <param name="MeanMagnitude">Mean of the absolute values.</param>
/// <param name="LeastMagnitude">Smallest absolute value.</param>
/// <param name="LargestMagnitude">Largest absolute value.</param>
public sealed record FactorMeasurement(
    string Key, IReadOnlyList<long> Shape, double Norm, double MeanMagnitude, double LeastMagnitude, double LargestMagnitude);
