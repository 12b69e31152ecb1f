using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>The coarsest part of a U-Net: a transformer between two resnets.</summary>
/// <remarks>Follows diffusers UNetMidBlock2DCrossAttn, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c.</remarks>
public sealed class MidBlock2D : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "attentions")]
    private readonly Modules.ModuleList<Transformer2DModel> _attentions;

    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets;

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="config">Sizes of the U-Net.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public MidBlock2D(UNetConfig config, Device? device)
        : base(nameof(MidBlock2D))
    {
        ArgumentNullException.ThrowIfNull(config);
        var (channels, heads, _) = config.Levels[^1];
        _attentions = new Modules.ModuleList<Transformer2DModel>(
            new Transformer2DModel(config, channels, heads, config.MidTransformerLayers, device));
        _resnets = new Modules.ModuleList<ResnetBlock2D>(
            new ResnetBlock2D(channels, channels, config.TimeEmbeddingDim, config.Norm, device),
            new ResnetBlock2D(channels, channels, config.TimeEmbeddingDim, config.Norm, device));
        RegisterComponents();
    }

    /// <summary>Whether what lies inside each part is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; set; }

    /// <inheritdoc/>
    /// <param name="sample">Feature map [B, C, H, W].</param>
    /// <param name="embedding">Time embedding [B, timeEmbeddingDim].</param>
    /// <param name="encoderHiddenStates">Text states [B, m, crossAttentionDim].</param>
    /// <returns>[B, C, H, W].</returns>
    public override Tensor forward(Tensor sample, Tensor embedding, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        sample = _resnets[0].Run(GradientCheckpointing, sample, embedding);
        sample = _attentions[0].Run(GradientCheckpointing, sample, encoderHiddenStates);
        return _resnets[1].Run(GradientCheckpointing, sample, embedding).MoveToOuterDisposeScope();
    }
}
