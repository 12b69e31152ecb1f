using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Merging;

/// <summary>A LoRA made of the difference of two models, and what of the difference it cannot hold.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="Modules">One entry a module, the text encoder first; the error is measured against the difference itself.</param>
/// <param name="DType">Type of the saved factors.</param>
/// <param name="Hashes">What the file says of its contents.</param>
/// <param name="TextEncoderDifference">Largest difference of one number in the text encoder's weights.</param>
/// <param name="UncoveredTensors">Tensors of the U-Net and text encoder that differ and are in no module of the LoRA: biases, norms, layers of other kinds, a text encoder left out.</param>
/// <param name="UncoveredShare">Their share of the Frobenius norm of the whole difference: 0 (none) to 1.</param>
public sealed record LoraExtractResult(
    string Path, IReadOnlyList<ModuleReport> Modules, SafetensorsDType DType, LoraHashes Hashes,
    double TextEncoderDifference, IReadOnlyList<string> UncoveredTensors, double UncoveredShare)
    : LoraResult(Path, Modules, DType, Hashes);
