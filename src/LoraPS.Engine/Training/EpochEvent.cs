using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>Told after the last step of an epoch.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="TotalEpochs">Epochs in the whole run.</param>
/// <param name="Step">Steps done.</param>
/// <param name="AverageLoss">Mean loss of the last steps, as many as an epoch has.</param>
public sealed record EpochEvent(int Epoch, int TotalEpochs, int Step, double AverageLoss) : EngineEvent;
