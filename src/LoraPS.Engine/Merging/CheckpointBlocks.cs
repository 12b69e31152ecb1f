using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>Tells which block any tensor of a model lies in, where <see cref="BlockLocator"/> knows those a LoRA has modules for.</summary>
/// <remarks>As merges by block of image UIs have it: all of the text encoder is BASE, the time embedding IN00, the output convolution OUT11.</remarks>
internal static class CheckpointBlocks
{
    /// <summary>The block; null for networks without blocks.</summary>
    /// <param name="group">The network, as <see cref="ModelTensor.Group"/> names it.</param>
    /// <param name="name">The tensor's name as <see cref="FuseModelFile.NameOf"/> gives it.</param>
    public static UNetBlock? Find(string group, string name) => group switch
    {
        nameof(ModelPart.TextEncoder) or nameof(ModelPart.TextEncoder2) or "cond_stage_model" or "conditioner" => UNetBlock.BASE,
        nameof(ModelPart.UNet) when name.Contains("/conv_out.", StringComparison.Ordinal) || name.Contains("/conv_norm_out.", StringComparison.Ordinal) => UNetBlock.OUT11,
        nameof(ModelPart.UNet) => BlockLocator.Find(name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]),
        _ => null,
    };
}
