using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>Transformer blocks over the pixels of a feature map, with the text as context.</summary>
/// <remarks>
/// Follows diffusers Transformer2DModel, src/diffusers/models/transformers/transformer_2d.py@58eb52c. The outer
/// projections are 1x1 convolutions in Stable Diffusion 1 and matrices later; both are the same map of tokens.
/// </remarks>
public sealed class Transformer2DModel : nn.Module<Tensor, Tensor, Tensor>
{
    private const double NormEpsilon = 1e-6;

    [ComponentName(Name = "norm")]
    private readonly GroupNorm _norm;

    [ComponentName(Name = "proj_in")]
    private readonly ProjectionLayer _projectIn;

    [ComponentName(Name = "transformer_blocks")]
    private readonly Modules.ModuleList<BasicTransformerBlock> _blocks = new();

    [ComponentName(Name = "proj_out")]
    private readonly ProjectionLayer _projectOut;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="config">Sizes of the U-Net.</param>
    /// <param name="channels">Channels of the feature map.</param>
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="layers">Number of transformer blocks.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Transformer2DModel(UNetConfig config, int channels, int heads, int layers, Device? device)
        : base(nameof(Transformer2DModel))
    {
        ArgumentNullException.ThrowIfNull(config);
        _norm = (config.Norm with { Epsilon = NormEpsilon }).Make(channels, device);
        _projectIn = Projection(config, channels, device);
        for (var i = 0; i < layers; i++)
            _blocks.Add(new BasicTransformerBlock(channels, config.CrossAttentionDim, heads, device));
        _projectOut = Projection(config, channels, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">Feature map [B, C, H, W].</param>
    /// <param name="encoderHiddenStates">Text states [B, m, crossAttentionDim].</param>
    /// <returns>[B, C, H, W].</returns>
    public override Tensor forward(Tensor sample, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        var hidden = Project(_projectIn, _norm.call(sample));
        var tokens = ChannelsLast.ToTokens(hidden);
        foreach (var block in _blocks)
            tokens = block.call(tokens, encoderHiddenStates);
        hidden = Project(_projectOut, ChannelsLast.FromTokens(tokens, sample.shape[2], sample.shape[3]));
        return hidden.Plus(sample).MoveToOuterDisposeScope();
    }

    /// <summary>Calls the model; if asked to, nothing inside it is kept for the way back.</summary>
    internal Tensor Run(bool recomputed, Tensor sample, Tensor encoderHiddenStates) =>
        GradientCheckpoint.Call(recomputed, inputs => call(inputs[0], inputs[1]), sample, encoderHiddenStates);

    private static ProjectionLayer Projection(UNetConfig config, int channels, Device? device) =>
        config.UseLinearProjection
            ? new Linear(channels, channels, device: device)
            : new Conv2d(channels, channels, kernelSize: 1, device: device);

    private static Tensor Project(ProjectionLayer layer, Tensor image) => layer is Linear
        ? ChannelsLast.FromTokens(layer.call(ChannelsLast.ToTokens(image)), image.shape[2], image.shape[3])
        : layer.call(image);
}
