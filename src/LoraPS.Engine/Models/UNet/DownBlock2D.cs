using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>One level of the way down: resnets, each followed by a transformer where the level has attention.</summary>
/// <remarks>
/// Follows diffusers DownBlock2D and CrossAttnDownBlock2D, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c, which
/// differ by the transformers alone.
/// </remarks>
public sealed class DownBlock2D : nn.Module<Tensor, Tensor, Tensor, IReadOnlyList<Tensor>>
{
    [ComponentName(Name = "resnets")]
    private readonly Modules.ModuleList<ResnetBlock2D> _resnets = new();

    [ComponentName(Name = "attentions")]
    private readonly Modules.ModuleList<Transformer2DModel> _attentions = new();

    [ComponentName(Name = "downsamplers")]
    private readonly Modules.ModuleList<Downsample2D> _downsamplers = new();

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="config">Sizes of the U-Net.</param>
    /// <param name="index">Which level, 0 the finest.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public DownBlock2D(UNetConfig config, int index, Device? device)
        : base(nameof(DownBlock2D))
    {
        ArgumentNullException.ThrowIfNull(config);
        var level = config.Levels[index];
        var inChannels = config.Levels[Math.Max(index - 1, 0)].Channels;
        for (var i = 0; i < config.LayersPerBlock; i++)
        {
            _resnets.Add(new ResnetBlock2D(i == 0 ? inChannels : level.Channels, level.Channels, config.TimeEmbeddingDim, config.Norm, device));
            if (level.TransformerLayers > 0)
                _attentions.Add(new Transformer2DModel(config, level.Channels, level.Heads, level.TransformerLayers, device));
        }

        if (index < config.Levels.Count - 1)
            _downsamplers.Add(new Downsample2D(level.Channels, symmetric: true, device));
        RegisterComponents();
    }

    /// <summary>Whether what lies inside each part is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; set; }

    /// <inheritdoc/>
    /// <param name="sample">Feature map [B, in, H, W].</param>
    /// <param name="embedding">Time embedding [B, timeEmbeddingDim].</param>
    /// <param name="encoderHiddenStates">Text states [B, m, crossAttentionDim].</param>
    /// <returns>What the way up needs: the map after each resnet and after the downsampler; the last is the block's result.</returns>
    public override IReadOnlyList<Tensor> forward(Tensor sample, Tensor embedding, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        for (var i = 0; i < _resnets.Count; i++)
        {
            sample = _resnets[i].Run(GradientCheckpointing, sample, embedding);
            if (_attentions.Count > 0)
                sample = _attentions[i].Run(GradientCheckpointing, sample, encoderHiddenStates);
            outputs.Add(sample.MoveToOuterDisposeScope());
        }

        foreach (var downsampler in _downsamplers)
            outputs.Add(downsampler.call(sample).MoveToOuterDisposeScope());
        return outputs;
    }
}
