using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Two normalised convolutions beside a shortcut; the U-Net adds the timestep between them.</summary>
/// <remarks>Follows diffusers ResnetBlock2D, src/diffusers/models/resnet.py@58eb52c, without dropout.</remarks>
public sealed class ResnetBlock2D : nn.Module<Tensor, Tensor?, Tensor>
{
    [ComponentName(Name = "norm1")]
    private readonly GroupNorm _norm1;

    [ComponentName(Name = "conv1")]
    private readonly Conv2d _conv1;

    [ComponentName(Name = "time_emb_proj")]
    private readonly Linear? _timeProjection;

    [ComponentName(Name = "norm2")]
    private readonly GroupNorm _norm2;

    [ComponentName(Name = "conv2")]
    private readonly Conv2d _conv2;

    [ComponentName(Name = "conv_shortcut")]
    private readonly Conv2d? _shortcut;

    /// <summary>Makes the block with unfilled weights.</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output; the shortcut is a 1x1 convolution where they differ.</param>
    /// <param name="embeddingDim">Width of the time embedding, or null for a block that knows no time.</param>
    /// <param name="norm">How the block normalises.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ResnetBlock2D(int inChannels, int outChannels, int? embeddingDim, NormOptions norm, Device? device)
        : base(nameof(ResnetBlock2D))
    {
        _norm1 = norm.Make(inChannels, device);
        _conv1 = new Conv2d(inChannels, outChannels, kernelSize: 3, padding: 1, device: device);
        _timeProjection = embeddingDim is { } width ? new Linear(width, outChannels, device: device) : null;
        _norm2 = norm.Make(outChannels, device);
        _conv2 = new Conv2d(outChannels, outChannels, kernelSize: 3, padding: 1, device: device);
        _shortcut = inChannels == outChannels ? null : new Conv2d(inChannels, outChannels, kernelSize: 1, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, in, H, W].</param>
    /// <param name="embedding">Time embedding [B, embeddingDim], or null for a block that knows no time.</param>
    /// <returns>[B, out, H, W].</returns>
    public override Tensor forward(Tensor sample, Tensor? embedding)
    {
        using var scope = NewDisposeScope();
        var hidden = _conv1.call(nn.functional.silu(_norm1.call(sample)));
        if (_timeProjection is not null)
        {
            ArgumentNullException.ThrowIfNull(embedding);
            // [B, out] -> [B, out, 1, 1]
            hidden = hidden.Plus(_timeProjection.call(nn.functional.silu(embedding)).unsqueeze(-1).unsqueeze(-1));
        }

        hidden = _conv2.call(nn.functional.silu(_norm2.call(hidden)));
        return hidden.Plus(_shortcut?.call(sample) ?? sample).MoveToOuterDisposeScope();
    }

    /// <summary>Calls the block; if asked to, nothing inside it is kept for the way back.</summary>
    internal Tensor Run(bool recomputed, Tensor sample, Tensor embedding) =>
        GradientCheckpoint.Call(recomputed, inputs => call(inputs[0], inputs[1]), sample, embedding);
}
