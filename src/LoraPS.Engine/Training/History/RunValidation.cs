namespace LoraPS.Engine.Training.History;

/// <summary>A loss that was measured on pictures that are not trained.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">Mean squared error.</param>
public readonly record struct RunValidation(int Step, double Loss);
