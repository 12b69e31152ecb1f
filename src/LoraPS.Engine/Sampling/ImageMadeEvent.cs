using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Sampling;

/// <summary>A picture was written.</summary>
/// <param name="Image">The picture.</param>
public sealed record ImageMadeEvent(GeneratedImage Image) : EngineEvent;
