using static TorchSharp.torch;

namespace LoraPS.Engine.Models;

/// <summary>How the weights of a model are held.</summary>
/// <param name="DType">Type of all weights and of what is computed with them; default float32.</param>
/// <param name="Device">Where they live; null, the default, is the CPU.</param>
/// <param name="VaeDType">Type of the VAE's weights, where it is another; null, the default, is <paramref name="DType"/>.</param>
/// <param name="VaePath">A VAE that takes the place of the model's own: a .safetensors or .ckpt file, or a diffusers folder; null, the default, for none.</param>
public sealed record ModelLoadOptions(ScalarType DType = ScalarType.Float32, Device? Device = null, ScalarType? VaeDType = null, string? VaePath = null);
