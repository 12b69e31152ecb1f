using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>One resolution of the decoder.</summary>
/// <remarks>Follows diffusers UpDecoderBlock2D, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c.</remarks>
public sealed class VaeUpBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets = new();

    [ComponentName(Name = "upsamplers")]
    private readonly Modules.ModuleList<Upsample2D> _upsamplers = new();

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="index">Which block, 0 the coarsest.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public VaeUpBlock(VaeConfig config, int index, Device? device)
        : base(nameof(VaeUpBlock))
    {
        ArgumentNullException.ThrowIfNull(config);
        var last = config.Channels.Count - 1;
        var channels = config.Channels[last - index];
        for (var i = 0; i <= config.LayersPerBlock; i++)
        {
            var inChannels = i == 0 ? config.Channels[Math.Min(last - index + 1, last)] : channels;
            _resnets.Add(new ResnetBlock2D(inChannels, channels, embeddingDim: null, config.Norm, device));
        }

        if (index < last)
            _upsamplers.Add(new Upsample2D(channels, device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, in, H, W].</param>
    /// <returns>[B, out, 2H, 2W], or of the same size for the last block.</returns>
    public override Tensor forward(Tensor sample)
    {
        using var scope = NewDisposeScope();
        foreach (var resnet in _resnets)
            sample = resnet.call(sample, null);
        foreach (var upsampler in _upsamplers)
            sample = upsampler.call(sample, [2 * sample.shape[2], 2 * sample.shape[3]]);
        return sample.MoveToOuterDisposeScope();
    }
}
