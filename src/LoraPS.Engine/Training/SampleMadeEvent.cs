using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;

namespace LoraPS.Engine.Training;

/// <summary>A run made a sample picture.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">The epoch of the last step, from 1.</param>
public sealed record SampleMadeEvent(GeneratedImage Image, int Step, int Epoch) : EngineEvent;
