using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Vae;

/// <summary>Attention of all pixels of a feature map to each other, with one head.</summary>
/// <remarks>Follows diffusers Attention as UNetMidBlock2D makes it, src/diffusers/models/unets/unet_2d_blocks.py@58eb52c.</remarks>
public sealed class VaeAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "group_norm")]
    private readonly GroupNorm _norm;

    [ComponentName(Name = "to_q")]
    private readonly Linear _toQuery;

    [ComponentName(Name = "to_k")]
    private readonly Linear _toKey;

    [ComponentName(Name = "to_v")]
    private readonly Linear _toValue;

    [ComponentName(Name = "to_out")]
    private readonly Modules.ModuleList<Linear> _toOut;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="channels">Channels of the feature map.</param>
    /// <param name="norm">How the module normalises.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public VaeAttention(int channels, NormOptions norm, Device? device)
        : base(nameof(VaeAttention))
    {
        _norm = norm.Make(channels, device);
        _toQuery = new Linear(channels, channels, device: device);
        _toKey = new Linear(channels, channels, device: device);
        _toValue = new Linear(channels, channels, device: device);
        _toOut = new Modules.ModuleList<Linear>(new Linear(channels, channels, device: device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, C, H, W].</param>
    /// <returns>[B, C, H, W].</returns>
    public override Tensor forward(Tensor sample)
    {
        using var scope = NewDisposeScope();
        var tokens = ChannelsLast.ToTokens(_norm.call(sample));
        var attended = MultiHeadAttention.Attend(_toQuery.call(tokens), _toKey.call(tokens), _toValue.call(tokens), heads: 1);
        var image = ChannelsLast.FromTokens(_toOut[0].call(attended), sample.shape[2], sample.shape[3]);
        return image.Plus(sample).MoveToOuterDisposeScope();
    }
}
