namespace LoraPS.Engine.Naming;

/// <summary>A tensor of a LoRA, whatever a file calls it.</summary>
/// <param name="Part">The network.</param>
/// <param name="Path">The module's diffusers path in it, such as <c>mid_block.attentions.0.proj_in</c>.</param>
/// <param name="Kind">What the tensor is to the module.</param>
public readonly record struct LoraTensorName(ModelPart Part, string Path, LoraTensorKind Kind);
