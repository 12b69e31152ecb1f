using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.UNet;

/// <summary>Self-attention, attention to the text, and a feed-forward part, each normalised before and added after.</summary>
/// <remarks>Follows diffusers BasicTransformerBlock, src/diffusers/models/attention.py@58eb52c.</remarks>
public sealed class BasicTransformerBlock : nn.Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "norm1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "attn1")]
    private readonly Attention _selfAttention;

    [ComponentName(Name = "norm2")]
    private readonly LayerNorm _norm2;

    [ComponentName(Name = "attn2")]
    private readonly Attention _crossAttention;

    [ComponentName(Name = "norm3")]
    private readonly LayerNorm _norm3;

    [ComponentName(Name = "ff")]
    private readonly FeedForward _feedForward;

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="channels">Width of the image tokens.</param>
    /// <param name="contextDim">Width of the text states.</param>
    /// <param name="heads">Number of attention heads.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public BasicTransformerBlock(int channels, int contextDim, int heads, Device? device)
        : base(nameof(BasicTransformerBlock))
    {
        _norm1 = new LayerNorm(channels, device: device);
        _selfAttention = new Attention(channels, channels, heads, device);
        _norm2 = new LayerNorm(channels, device: device);
        _crossAttention = new Attention(channels, contextDim, heads, device);
        _norm3 = new LayerNorm(channels, device: device);
        _feedForward = new FeedForward(channels, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="tokens">Image tokens [B, n, channels].</param>
    /// <param name="encoderHiddenStates">Text states [B, m, contextDim].</param>
    /// <returns>[B, n, channels].</returns>
    public override Tensor forward(Tensor tokens, Tensor encoderHiddenStates)
    {
        using var scope = NewDisposeScope();
        var normed = _norm1.call(tokens);
        var hidden = tokens.Plus(_selfAttention.call(normed, normed));
        hidden = hidden.Plus(_crossAttention.call(_norm2.call(hidden), encoderHiddenStates));
        hidden = hidden.Plus(_feedForward.call(_norm3.call(hidden)));
        return hidden.MoveToOuterDisposeScope();
    }
}
