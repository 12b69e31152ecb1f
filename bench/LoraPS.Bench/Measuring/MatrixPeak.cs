using LoraPS.Engine.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Bench.Measuring;

/// <summary>How fast this machine multiplies matrices right now: what all other times are compared with.</summary>
/// <remarks>
/// The better of torch.matmul and the engine's own product (a 1x1 convolution in oneDNN) on [1024, 1024] · [1024, 1024],
/// the best of many runs. Measured beside each figure, because the clock of a shared or warm machine moves.
/// </remarks>
public static class MatrixPeak
{
    private const int Side = 1024;
    private const int Runs = 30;

    /// <summary>Operations of one product.</summary>
    private const double Operations = 2.0 * Side * Side * Side;

    /// <summary>Measures.</summary>
    /// <param name="dtype">Type of the matrices; default float32.</param>
    /// <param name="device">Where; null is the CPU.</param>
    /// <returns>Floating-point operations a second.</returns>
    public static double Measure(ScalarType dtype = ScalarType.Float32, Device? device = null)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var left = ones(Side, Side, dtype: dtype, device: device);
        var right = ones(Side, Side, dtype: dtype, device: device);
        var best = Math.Min(Best(() => matmul(left, right), device), Best(() => LinearProduct.Apply(left, right), device));
        return Operations / best;
    }

    private static double Best(Func<Tensor> multiply, Device? device) => Stopwatches.Best(Runs, () =>
    {
        using var product = multiply();
        if (device?.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }).TotalSeconds;
}
