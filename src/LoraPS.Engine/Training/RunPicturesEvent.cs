using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Training;

/// <summary>Told after <see cref="RunStartedEvent"/>: the pictures of the run.</summary>
/// <param name="Pictures">Those that are trained, then those the loss is measured on.</param>
public sealed record RunPicturesEvent(IReadOnlyList<RunPicture> Pictures) : EngineEvent;
