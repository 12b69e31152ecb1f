using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>Two-dimensional convolution with a square kernel, W [out, in, k, k].</summary>
public sealed class Conv2d(long inChannels, long outChannels, int kernelSize, int stride = 1, int padding = 0, bool bias = true, Device? device = null)
    : ProjectionLayer(nameof(Conv2d), [outChannels, inChannels, kernelSize, kernelSize], bias, device)
{
    /// <summary>Kernel side in pixels.</summary>
    public int KernelSize { get; } = kernelSize;

    /// <summary>Step between outputs in pixels.</summary>
    public int Stride { get; } = stride;

    /// <summary>Zero padding on each side in pixels.</summary>
    public int Padding { get; } = padding;

    /// <inheritdoc/>
    /// <remarks>
    /// Kernels are kept in channels-last order: otherwise each call would turn them into it first, which for the wide,
    /// low-resolution layers of a U-Net takes as long as the convolution. For 1x1 kernels both orders are one.
    /// </remarks>
    private protected override Tensor Arrange(Tensor weight) => KernelSize == 1 ? weight : ChannelsLast.Arrange(weight);

    /// <inheritdoc/>
    protected override Tensor Project(Tensor input) =>
        nn.functional.conv2d(input, Weight, Bias, strides: [Stride, Stride], padding: [Padding, Padding]);
}
