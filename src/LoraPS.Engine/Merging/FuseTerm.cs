using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Merging;

/// <summary>What one LoRA adds to one weight, or to rows of it: scale · up · down.</summary>
/// <param name="Lora">The open LoRA.</param>
/// <param name="Module">Its module.</param>
/// <param name="Scale">Ratio times alpha / rank; not 0.</param>
internal sealed record FuseTerm(LoraReader Lora, LoraModuleInfo Module, double Scale)
{
    /// <summary>The rows.</summary>
    public ModuleRows Rows { get; init; } = new(Module.Name);
}
