using LoraPS.Engine.Merging;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>What is told of a merge.</summary>
/// <param name="Name">Name of the result.</param>
/// <param name="Method">What was done.</param>
/// <param name="Options">The numbers it was done with.</param>
/// <param name="Inputs">What it was made of.</param>
/// <param name="Modules">What became of each module; null where nobody says.</param>
/// <param name="Figures">What else its result tells.</param>
/// <param name="Lora">The LoRA that was made; null for a model.</param>
/// <param name="Metadata">What the file says of itself.</param>
/// <param name="Files">The result with its hash.</param>
internal sealed record MergeFacts(
    string Name, string Method, IReadOnlyList<(string Name, string Value)> Options, IReadOnlyList<MergeInput> Inputs, IReadOnlyList<ModuleReport>? Modules,
    IReadOnlyList<(string Name, string Value)> Figures, LoraFacts? Lora, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<FileFacts> Files)
{
    /// <summary>Modules of the LoRAs that the model does not have.</summary>
    public IReadOnlyList<string> Unmatched { get; init; } = [];
}
