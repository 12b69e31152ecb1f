using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told after the loss was measured on pictures that are not trained.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Loss">Mean squared error, over four timesteps of each picture.</param>
/// <param name="Divergence">How far it is above the average loss of training; it grows when a run learns its pictures by heart.</param>
public sealed record ValidationEvent(int Step, int Epoch, double Loss, double Divergence) : EngineEvent;
