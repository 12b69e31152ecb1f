using LoraPS.Engine.Data;

namespace LoraPS.Engine.Training;

/// <summary>A batch whose turn comes next.</summary>
/// <param name="Batch">Its pictures.</param>
/// <param name="Index">Batches of the run before it.</param>
/// <param name="Captions">What the text encoder reads.</param>
/// <param name="Draw">Makes the tensors it is trained with, in the caller's dispose scope; computes latents that only now can be.</param>
internal sealed record PreparedBatch(TrainingBatch Batch, int Index, IReadOnlyList<CaptionTokens> Captions, Func<DenoisingInputs> Draw);
