using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Models.UNet;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Bench.Models;

/// <summary>The U-Net and text encoder of Stable Diffusion 1.5 with random weights, made in memory.</summary>
/// <remarks>The VAE is left out: training frees it once the pictures are encoded.</remarks>
public sealed class FullSizeModel : IDisposable
{
    /// <summary>Makes the networks.</summary>
    /// <param name="dtype">Type of all weights.</param>
    /// <param name="device">Where they live.</param>
    public FullSizeModel(ScalarType dtype, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        UNet = new(StableDiffusionConfig.V15.UNet, META);
        TextEncoder = new(StableDiffusionConfig.V15.TextEncoder, META);
        foreach (var layer in UNet.modules().Concat(TextEncoder.modules()).OfType<WeightedLayer>())
            Fill(layer, dtype, device);
    }

    /// <summary>The network that predicts noise.</summary>
    public UNet2DConditionModel UNet { get; }

    /// <summary>The network that reads captions.</summary>
    public ClipTextModel TextEncoder { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        UNet.Dispose();
        TextEncoder.Dispose();
    }

    private static void Fill(WeightedLayer layer, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in layer.named_parameters(recurse: false).ToList())
            layer.Assign(name, Random(name, parameter.shape).to(dtype, device).DetachFromDisposeScope());
    }

    // Of the variance that keeps signals their size (He et al., 2015); norms start as the identity.
    private static Tensor Random(string name, long[] shape)
    {
        if (shape.Length == 1)
            return name == "bias" ? zeros(shape) : ones(shape);
        var bound = Math.Sqrt(6.0 * shape[0] / shape.Aggregate(1L, (product, side) => product * side));
        return empty(shape).uniform_(-bound, bound);
    }
}
