using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>What is told of a LoRA file.</summary>
/// <param name="File">What its header says.</param>
/// <param name="Measurement">How strong it is and where; null where it cannot be measured.</param>
/// <param name="Problem">Why it cannot be measured.</param>
/// <param name="Files">The file with its hash.</param>
internal sealed record LoraFacts(LoraFile File, LoraMeasurement? Measurement, string? Problem, IReadOnlyList<FileFacts> Files);
