using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>Attention of image tokens to themselves or to the text.</summary>
/// <remarks>Follows diffusers Attention, src/diffusers/models/attention_processor.py@58eb52c, without dropout.</remarks>
public sealed class Attention : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly int _heads;

    [ComponentName(Name = "to_q")]
    private readonly Linear _toQuery;

    [ComponentName(Name = "to_k")]
    private readonly Linear _toKey;

    [ComponentName(Name = "to_v")]
    private readonly Linear _toValue;

    [ComponentName(Name = "to_out")]
    private readonly Modules.ModuleList<Linear> _toOut;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="channels">Width of the image tokens.</param>
    /// <param name="contextDim">Width of the tokens attended to.</param>
    /// <param name="heads">Number of heads; divides <paramref name="channels"/>.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Attention(int channels, int contextDim, int heads, Device? device)
        : base(nameof(Attention))
    {
        _heads = heads;
        _toQuery = new Linear(channels, channels, bias: false, device);
        _toKey = new Linear(contextDim, channels, bias: false, device);
        _toValue = new Linear(contextDim, channels, bias: false, device);
        _toOut = new Modules.ModuleList<Linear>(new Linear(channels, channels, device: device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="tokens">[B, n, channels].</param>
    /// <param name="context">[B, m, contextDim]; the tokens themselves for self-attention.</param>
    /// <returns>[B, n, channels].</returns>
    public override Tensor forward(Tensor tokens, Tensor context)
    {
        using var scope = NewDisposeScope();
        var attended = MultiHeadAttention.Attend(_toQuery.call(tokens), _toKey.call(context), _toValue.call(context), _heads);
        return _toOut[0].call(attended).MoveToOuterDisposeScope();
    }
}
