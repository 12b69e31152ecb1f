using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Vae;

/// <summary>The variational autoencoder between pictures and latents of an eighth of their sides.</summary>
/// <remarks>
/// Follows diffusers AutoencoderKL, src/diffusers/models/autoencoders/autoencoder_kl.py@58eb52c; module names are those
/// of its state dict. Latents are not scaled here: the caller multiplies by <see cref="VaeConfig.ScalingFactor"/>.
/// </remarks>
public sealed class AutoencoderKL : nn.Module<Tensor, DiagonalGaussian>
{
    [ComponentName(Name = "encoder")]
    private readonly Encoder _encoder;

    [ComponentName(Name = "decoder")]
    private readonly Decoder _decoder;

    [ComponentName(Name = "quant_conv")]
    private readonly Conv2d _quantConv;

    [ComponentName(Name = "post_quant_conv")]
    private readonly Conv2d _postQuantConv;

    /// <summary>Makes the autoencoder with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public AutoencoderKL(VaeConfig config, Device? device = null)
        : base(nameof(AutoencoderKL))
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _encoder = new Encoder(config, device);
        _decoder = new Decoder(config, device);
        _quantConv = new Conv2d(2 * config.LatentChannels, 2 * config.LatentChannels, kernelSize: 1, device: device);
        _postQuantConv = new Conv2d(config.LatentChannels, config.LatentChannels, kernelSize: 1, device: device);
        RegisterComponents();
    }

    /// <summary>Sizes and the scaling factor.</summary>
    public VaeConfig Config { get; }

    /// <summary>The distribution of latents that stand for the pictures.</summary>
    /// <param name="pixels">[B, 3, H, W], -1 to 1; sides are multiples of <see cref="VaeConfig.Downscale"/>.</param>
    /// <returns>Mean and variance [B, 4, H/8, W/8]; the caller disposes it.</returns>
    public DiagonalGaussian Encode(Tensor pixels) => call(pixels);

    /// <inheritdoc cref="Encode"/>
    public override DiagonalGaussian forward(Tensor pixels)
    {
        using var encoded = _encoder.call(pixels);
        using var moments = _quantConv.call(encoded);
        return new DiagonalGaussian(moments);
    }

    /// <summary>The pictures that latents stand for.</summary>
    /// <param name="latents">[B, 4, h, w], not scaled.</param>
    /// <returns>[B, 3, 8h, 8w], about -1 to 1.</returns>
    public Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return _decoder.call(_postQuantConv.call(latents)).contiguous().MoveToOuterDisposeScope();
    }
}
