using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>Latents, after the first 1x1 convolution, to pictures.</summary>
/// <remarks>Follows diffusers Decoder, src/diffusers/models/autoencoders/vae.py@58eb52c.</remarks>
public sealed class Decoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv_in")]
    private readonly Conv2d _convIn;

    [ComponentName(Name = "up_blocks")]
    private readonly Modules.ModuleList<VaeUpBlock> _upBlocks = new();

    [ComponentName(Name = "mid_block")]
    private readonly VaeMidBlock _midBlock;

    [ComponentName(Name = "conv_norm_out")]
    private readonly GroupNorm _normOut;

    [ComponentName(Name = "conv_out")]
    private readonly Conv2d _convOut;

    /// <summary>Makes the network with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Decoder(VaeConfig config, Device? device)
        : base(nameof(Decoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        _convIn = new Conv2d(config.LatentChannels, config.Channels[^1], kernelSize: 3, padding: 1, device: device);
        for (var i = 0; i < config.Channels.Count; i++)
            _upBlocks.Add(new VaeUpBlock(config, i, device));
        _midBlock = new VaeMidBlock(config.Channels[^1], config.Norm, device);
        _normOut = config.Norm.Make(config.Channels[0], device);
        _convOut = new Conv2d(config.Channels[0], config.ImageChannels, kernelSize: 3, padding: 1, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="latents">[B, 4, h, w].</param>
    /// <returns>[B, 3, 8h, 8w], about -1 to 1.</returns>
    public override Tensor forward(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var hidden = _midBlock.call(_convIn.call(ChannelsLast.Arrange(latents)));
        foreach (var block in _upBlocks)
            hidden = block.call(hidden);
        return _convOut.call(nn.functional.silu(_normOut.call(hidden))).MoveToOuterDisposeScope();
    }
}
