using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Layers;

/// <summary>The product x · Wᵀ + b over the last dimension, by the fastest kernel there is for it.</summary>
/// <remarks>
/// On the CPU in float32, torch's own linear ends in MKL, which on processors of other makers than its own stays with
/// AVX2. oneDNN's convolutions use AVX-512 everywhere it exists, and a product of matrices is a 1x1 convolution over the
/// rows: the same memory, the same numbers to rounding, at worst a few percent slower: about equal on Zen 4,
/// whose AVX2 is as fast as its AVX-512 (docs/benchmarks.md). Everywhere else this is plain linear.
/// </remarks>
public static class LinearProduct
{
    /// <summary>Multiplies each row of the input by the transposed weight.</summary>
    /// <param name="input">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    /// <returns>[..., out].</returns>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weight);
        if (input.device_type != DeviceType.CPU || input.dtype != ScalarType.Float32)
            return nn.functional.linear(input, weight, bias);

        using var scope = NewDisposeScope();
        // [..., in] -> [1, in, rows, 1]: rows of features are what channels-last memory is made of.
        var image = input.reshape(1, -1, 1, weight.shape[1]).permute(0, 3, 1, 2);
        var product = nn.functional.conv2d(image, weight.unsqueeze(-1).unsqueeze(-1), bias);
        // [1, out, rows, 1] -> [..., out]
        return product.permute(0, 2, 3, 1).reshape([.. input.shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }
}
