namespace LoraPS.Engine.Models.UNet;

/// <summary>One resolution of a U-Net, on its way down and, mirrored, on its way up.</summary>
/// <param name="Channels">Channels of its feature maps.</param>
/// <param name="Heads">Number of attention heads.</param>
/// <param name="TransformerLayers">Transformer blocks after each resnet; 0 for a level without attention.</param>
public sealed record UNetLevel(int Channels, int Heads, int TransformerLayers);
