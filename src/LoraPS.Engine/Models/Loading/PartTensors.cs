using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Loading;

/// <summary>The tensors of a checkpoint that belong to one network, by the names its modules have.</summary>
/// <param name="Name">What messages call the part: "U-Net".</param>
/// <param name="Tensors">The tensors.</param>
internal sealed record PartTensors(string Name, IReadOnlyDictionary<string, StoredTensor> Tensors);
