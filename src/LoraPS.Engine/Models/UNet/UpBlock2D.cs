using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>One level of the way up: each resnet takes a map kept on the way down beside the last result.</summary>
/// <remarks>
/// Follows diffusers UpBlock2D and CrossAttnUpBlock2D, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c, which differ
/// by the transformers alone.
/// </remarks>
public sealed class UpBlock2D : nn.Module<Tensor, Stack<Tensor>, Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets = new();

    [ComponentName(Name = "attentions")]
    private readonly Modules.ModuleList<Transformer2DModel> _attentions = new();

    [ComponentName(Name = "upsamplers")]
    private readonly Modules.ModuleList<Upsample2D> _upsamplers = new();

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="config">Sizes of the U-Net.</param>
    /// <param name="index">Which block, 0 the coarsest: level count - 1 - index.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public UpBlock2D(UNetConfig config, int index, Device? device)
        : base(nameof(UpBlock2D))
    {
        ArgumentNullException.ThrowIfNull(config);
        var last = config.Levels.Count - 1;
        var level = config.Levels[last - index];
        var previous = config.Levels[Math.Min(last - index + 1, last)].Channels;
        var finer = config.Levels[Math.Max(last - index - 1, 0)].Channels;
        for (var i = 0; i <= config.LayersPerBlock; i++)
        {
            // The last map taken is the one with which this level began on the way down.
            var inChannels = (i == 0 ? previous : level.Channels) + (i == config.LayersPerBlock ? finer : level.Channels);
            _resnets.Add(new ResnetBlock2D(inChannels, level.Channels, config.TimeEmbeddingDim, config.Norm, device));
            if (level.TransformerLayers > 0)
                _attentions.Add(new Transformer2DModel(config, level.Channels, level.Heads, level.TransformerLayers, device));
        }

        if (index < last)
            _upsamplers.Add(new Upsample2D(level.Channels, device));
        RegisterComponents();
    }

    /// <summary>Whether what lies inside each part is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; set; }

    /// <inheritdoc/>
    /// <param name="sample">Feature map [B, in, H, W].</param>
    /// <param name="skips">Maps kept on the way down, the one to use next on top; the block takes its share.</param>
    /// <param name="embedding">Time embedding [B, timeEmbeddingDim].</param>
    /// <param name="encoderHiddenStates">Text states [B, m, crossAttentionDim].</param>
    /// <returns>[B, out, H', W'], of the size of the next map kept.</returns>
    public override Tensor forward(Tensor sample, Stack<Tensor> skips, Tensor embedding, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < _resnets.Count; i++)
        {
            sample = _resnets[i].Run(GradientCheckpointing, cat([sample, skips.Pop()], dim: 1), embedding);
            if (_attentions.Count > 0)
                sample = _attentions[i].Run(GradientCheckpointing, sample, encoderHiddenStates);
        }

        // The next map's size, not twice this one's: the way down rounds odd sides up.
        foreach (var upsampler in _upsamplers)
            sample = upsampler.call(sample, skips.Peek().shape[2..]);
        return sample.MoveToOuterDisposeScope();
    }
}
