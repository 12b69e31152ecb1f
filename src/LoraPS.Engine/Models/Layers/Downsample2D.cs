using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Halves an image's sides by a convolution of stride 2.</summary>
/// <remarks>
/// Follows diffusers Downsample2D, src/diffusers/models/downsampling.py@58eb52c. The U-Net pads all four sides by one
/// pixel, the VAE the right and bottom ones only.
/// </remarks>
public sealed class Downsample2D : nn.Module<Tensor, Tensor>
{
    private readonly bool _symmetric;

    [ComponentName(Name = "conv")]
    private readonly Conv2d _conv;

    /// <summary>Makes the layer with unfilled weights.</summary>
    /// <param name="channels">Channels of input and output.</param>
    /// <param name="symmetric">True to pad all four sides, false to pad right and bottom only.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public Downsample2D(int channels, bool symmetric, Device? device)
        : base(nameof(Downsample2D))
    {
        _symmetric = symmetric;
        _conv = new Conv2d(channels, channels, kernelSize: 3, stride: 2, padding: symmetric ? 1 : 0, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="sample">[B, C, H, W].</param>
    /// <returns>[B, C, H/2, W/2]; odd sides are rounded up if symmetric, else down.</returns>
    public override Tensor forward(Tensor sample)
    {
        if (_symmetric)
            return _conv.call(sample);
        using var padded = nn.functional.pad(sample, [0, 1, 0, 1]);
        return _conv.call(padded);
    }
}
