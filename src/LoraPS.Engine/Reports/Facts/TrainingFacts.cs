using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>What is told of a training run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="History">What its log tells.</param>
/// <param name="Lora">The LoRA it left behind, or null.</param>
/// <param name="Pictures">Small pictures by the paths the log names.</param>
/// <param name="Files">What it wrote, with hashes.</param>
/// <param name="MaxPictures">Most pictures of the data set that are shown.</param>
internal sealed record TrainingFacts(
    string Name, RunHistory History, LoraFacts? Lora, IReadOnlyDictionary<string, Thumbnail> Pictures, IReadOnlyList<FileFacts> Files, int MaxPictures);
