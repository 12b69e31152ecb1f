using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.UNet;

/// <summary>The part of a transformer block that treats each token alone: wider by four, gated, and back.</summary>
/// <remarks>
/// Follows diffusers FeedForward, src/diffusers/models/attention.py@58eb52c. The dropout between the two maps is never
/// used, but it has a number in the list, so something stands there.
/// </remarks>
public sealed class FeedForward : nn.Module<Tensor, Tensor>
{
    private const int Widening = 4;

    [ComponentName(Name = "net")]
    private readonly Modules.ModuleList<nn.Module<Tensor, Tensor>> _net;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="channels">Width of the tokens.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public FeedForward(int channels, Device? device)
        : base(nameof(FeedForward))
    {
        _net = new Modules.ModuleList<nn.Module<Tensor, Tensor>>(
            new GatedGelu(channels, Widening * channels, device),
            nn.Identity(),
            new Linear(Widening * channels, channels, device: device));
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="tokens">[B, n, channels].</param>
    /// <returns>[B, n, channels].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var gated = _net[0].call(tokens);
        return _net[2].call(gated);
    }
}
