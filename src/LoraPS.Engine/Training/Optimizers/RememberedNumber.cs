using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training.Optimizers;

/// <summary>A number that an optimizer remembers, kept as a tensor so that it is saved with the rest and to the last bit.</summary>
/// <param name="tensor">Float64 scalar on the CPU, owned by the optimizer's memory.</param>
internal sealed class RememberedNumber(Tensor tensor)
{
    /// <summary>The number.</summary>
    public double Value
    {
        get => tensor.item<double>();
        set => tensor.data<double>()[0] = value;
    }

    /// <summary>A tensor to start with.</summary>
    public static Tensor Start(double value) => torch.tensor(value, ScalarType.Float64);
}
