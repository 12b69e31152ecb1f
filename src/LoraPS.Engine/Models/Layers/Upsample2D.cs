using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Enlarges an image to a given size by repeating pixels, then smooths it by a convolution.</summary>
/// <remarks>Follows diffusers Upsample2D, src/diffusers/models/upsampling.py@58eb52c.</remarks>
public sealed class Upsample2D : nn.Module<Tensor, long[], Tensor>
{
    [ComponentName(Name = "conv")]
    private readonly Conv2d _conv;

    /// <summary>Makes the layer with unfilled weights.</summary>
    /// <param name="channels">Channels of input and output.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Upsample2D(int channels, Device? device)
        : base(nameof(Upsample2D))
    {
        _conv = new Conv2d(channels, channels, kernelSize: 3, padding: 1, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, C, h, w].</param>
    /// <param name="size">The size to reach: (H, W) in pixels.</param>
    /// <returns>[B, C, H, W].</returns>
    public override Tensor forward(Tensor sample, long[] size)
    {
        using var enlarged = nn.functional.interpolate(sample, size, mode: InterpolationMode.Nearest);
        return _conv.call(enlarged);
    }
}
