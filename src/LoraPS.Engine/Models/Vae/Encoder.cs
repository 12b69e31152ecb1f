using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>Pictures to moments of latents, before the last 1x1 convolution.</summary>
/// <remarks>Follows diffusers Encoder, src/diffusers/models/autoencoders/vae.py@58eb52c.</remarks>
public sealed class Encoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv_in")]
    private readonly Conv2d _convIn;

    [ComponentName(Name = "down_blocks")]
    private readonly Modules.ModuleList<VaeDownBlock> _downBlocks = new();

    [ComponentName(Name = "mid_block")]
    private readonly VaeMidBlock _midBlock;

    [ComponentName(Name = "conv_norm_out")]
    private readonly GroupNorm _normOut;

    [ComponentName(Name = "conv_out")]
    private readonly Conv2d _convOut;

    /// <summary>Makes the network with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Encoder(VaeConfig config, Device? device)
        : base(nameof(Encoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        _convIn = new Conv2d(config.ImageChannels, config.Channels[0], kernelSize: 3, padding: 1, device: device);
        for (var i = 0; i < config.Channels.Count; i++)
            _downBlocks.Add(new VaeDownBlock(config, i, device));
        _midBlock = new VaeMidBlock(config.Channels[^1], config.Norm, device);
        _normOut = config.Norm.Make(config.Channels[^1], device);
        _convOut = new Conv2d(config.Channels[^1], 2 * config.LatentChannels, kernelSize: 3, padding: 1, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="pixels">[B, 3, H, W], -1 to 1.</param>
    /// <returns>[B, 8, H/8, W/8].</returns>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var hidden = _convIn.call(ChannelsLast.Arrange(pixels));
        foreach (var block in _downBlocks)
            hidden = block.call(hidden);
        hidden = _midBlock.call(hidden);
        return _convOut.call(nn.functional.silu(_normOut.call(hidden))).MoveToOuterDisposeScope();
    }
}
