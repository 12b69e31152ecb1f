using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>The network that predicts the noise in latents, given the timestep and the text.</summary>
/// <remarks>
/// Rombach et al., "High-resolution image synthesis with latent diffusion models" (CVPR 2022). Follows diffusers
/// UNet2DConditionModel, src/diffusers/models/unets/unet_2d_condition.py@58eb52c; module names are those of its state
/// dict. Feature maps are kept in channels-last order throughout.
/// </remarks>
public sealed class UNet2DConditionModel : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "conv_in")]
    private readonly Conv2d _convIn;

    [ComponentName(Name = "time_embedding")]
    private readonly TimestepEmbedding _timeEmbedding;

    [ComponentName(Name = "down_blocks")]
    private readonly Modules.ModuleList<DownBlock2D> _downBlocks = new();

    [ComponentName(Name = "mid_block")]
    private readonly MidBlock2D _midBlock;

    [ComponentName(Name = "up_blocks")]
    private readonly Modules.ModuleList<UpBlock2D> _upBlocks = new();

    [ComponentName(Name = "conv_norm_out")]
    private readonly GroupNorm _normOut;

    [ComponentName(Name = "conv_out")]
    private readonly Conv2d _convOut;

    /// <summary>Makes the network with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public UNet2DConditionModel(UNetConfig config, Device? device = null)
        : base(nameof(UNet2DConditionModel))
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var channels = config.Levels[0].Channels;
        _convIn = new Conv2d(config.InChannels, channels, kernelSize: 3, padding: 1, device: device);
        _timeEmbedding = new TimestepEmbedding(channels, config.TimeEmbeddingDim, device);
        for (var i = 0; i < config.Levels.Count; i++)
        {
            _downBlocks.Add(new DownBlock2D(config, i, device));
            _upBlocks.Add(new UpBlock2D(config, i, device));
        }

        _midBlock = new MidBlock2D(config, device);
        _normOut = config.Norm.Make(channels, device);
        _convOut = new Conv2d(channels, config.OutChannels, kernelSize: 3, padding: 1, device: device);
        RegisterComponents();
    }

    /// <summary>Sizes.</summary>
    public UNetConfig Config { get; }

    /// <summary>Whether what lies inside each part is computed again on the way back, in place of being kept: about a third
    /// more time a step, for a fraction of the memory.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing
    {
        get => _midBlock.GradientCheckpointing;
        set
        {
            _midBlock.GradientCheckpointing = value;
            foreach (var block in _downBlocks)
                block.GradientCheckpointing = value;
            foreach (var block in _upBlocks)
                block.GradientCheckpointing = value;
        }
    }

    /// <inheritdoc/>
    /// <param name="sample">Noisy latents [B, 4, h, w].</param>
    /// <param name="timesteps">[B], int64, 0 to 999.</param>
    /// <param name="encoderHiddenStates">Text states [B, n, crossAttentionDim].</param>
    /// <returns>The prediction [B, 4, h, w]: noise or velocity, as the model was trained.</returns>
    public override Tensor forward(Tensor sample, Tensor timesteps, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        var embedding = _timeEmbedding.call(timesteps);
        var hidden = _convIn.call(ChannelsLast.Arrange(sample));

        var skips = new Stack<Tensor>([hidden]);
        foreach (var block in _downBlocks)
        {
            foreach (var output in block.call(hidden, embedding, encoderHiddenStates))
                skips.Push(hidden = output);
        }

        hidden = _midBlock.call(hidden, embedding, encoderHiddenStates);
        foreach (var block in _upBlocks)
            hidden = block.call(hidden, skips, embedding, encoderHiddenStates);
        hidden = nn.functional.silu(_normOut.call(hidden));
        return _convOut.call(hidden).contiguous().MoveToOuterDisposeScope();
    }
}
