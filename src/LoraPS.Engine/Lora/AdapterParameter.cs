using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A tensor of an adapter that is trained.</summary>
/// <param name="Name">What it is called in a run's state; where a LoRA file has it as it is, its key there.</param>
/// <param name="Value">The tensor, requiring gradients.</param>
/// <param name="IsUp">Whether it leads from the bottleneck to the output: LoRA+ gives these a learning rate of their own.</param>
public sealed record AdapterParameter(string Name, Tensor Value, bool IsUp);
