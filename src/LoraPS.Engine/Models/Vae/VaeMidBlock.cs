using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>The coarsest part of encoder and decoder: attention between two resnets.</summary>
/// <remarks>Follows diffusers UNetMidBlock2D, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c.</remarks>
public sealed class VaeMidBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "attentions")]
    private readonly Modules.ModuleList<VaeAttention> _attentions;

    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets;

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="channels">Channels of the feature map.</param>
    /// <param name="norm">How the block normalises.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public VaeMidBlock(int channels, NormOptions norm, Device? device)
        : base(nameof(VaeMidBlock))
    {
        _attentions = new Modules.ModuleList<VaeAttention>(new VaeAttention(channels, norm, device));
        _resnets = new Modules.ModuleList<ResnetBlock2D>(
            new ResnetBlock2D(channels, channels, embeddingDim: null, norm, device),
            new ResnetBlock2D(channels, channels, embeddingDim: null, norm, device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, C, H, W].</param>
    /// <returns>[B, C, H, W].</returns>
    public override Tensor forward(Tensor sample)
    {
        using var scope = NewDisposeScope();
        sample = _attentions[0].call(_resnets[0].call(sample, null));
        return _resnets[1].call(sample, null).MoveToOuterDisposeScope();
    }
}
