using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>One resolution of the encoder.</summary>
/// <remarks>Follows diffusers DownEncoderBlock2D, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c.</remarks>
public sealed class VaeDownBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets = new();

    [ComponentName(Name = "downsamplers")]
    private readonly Modules.ModuleList<Downsample2D> _downsamplers = new();

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="index">Which resolution, 0 the finest.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public VaeDownBlock(VaeConfig config, int index, Device? device)
        : base(nameof(VaeDownBlock))
    {
        ArgumentNullException.ThrowIfNull(config);
        var channels = config.Channels[index];
        for (var i = 0; i < config.LayersPerBlock; i++)
        {
            var inChannels = i == 0 ? config.Channels[Math.Max(index - 1, 0)] : channels;
            _resnets.Add(new ResnetBlock2D(inChannels, channels, embeddingDim: null, config.Norm, device));
        }

        if (index < config.Channels.Count - 1)
            _downsamplers.Add(new Downsample2D(channels, symmetric: false, device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, in, H, W].</param>
    /// <returns>[B, out, H/2, W/2], or of the same size for the last block.</returns>
    public override Tensor forward(Tensor sample)
    {
        using var scope = NewDisposeScope();
        foreach (var resnet in _resnets)
            sample = resnet.call(sample, null);
        foreach (var downsampler in _downsamplers)
            sample = downsampler.call(sample);
        return sample.MoveToOuterDisposeScope();
    }
}
