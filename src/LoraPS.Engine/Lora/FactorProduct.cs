using LoraPS.Engine.Models.Layers;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>The products of a layer's input with a pair of factors.</summary>
/// <remarks>Factors are taken in the type of what they are multiplied with, as automatic mixed precision does; gradients come back in the factors' own type.</remarks>
internal static class FactorProduct
{
    /// <summary>From the input to the bottleneck, with the stride and padding of the layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Its input.</param>
    /// <param name="down">[rank, in] or [rank, in, k, k].</param>
    public static Tensor Down(ProjectionLayer layer, Tensor input, Tensor down) => layer is Conv2d conv
        ? nn.functional.conv2d(input, down.to(input.dtype), strides: [conv.Stride, conv.Stride], padding: [conv.Padding, conv.Padding])
        : LinearProduct.Apply(input, down.to(input.dtype));

    /// <summary>From the bottleneck to the output.</summary>
    /// <param name="bottleneck">The result of <see cref="Down"/>.</param>
    /// <param name="up">[out, rank] or [out, rank, 1, 1].</param>
    public static Tensor Up(Tensor bottleneck, Tensor up) => up.dim() == 4
        ? nn.functional.conv2d(bottleneck, up.to(bottleneck.dtype))
        : LinearProduct.Apply(bottleneck, up.to(bottleneck.dtype));
}
