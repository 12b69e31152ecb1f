using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>What one LoRA brings to a module.</summary>
/// <param name="Up">lora_up as a matrix [out, rank], any float type.</param>
/// <param name="Down">lora_down as a matrix [rank, in], a convolution's kernel flattened into in; any float type.</param>
/// <param name="Alpha">The module's alpha; the rank where the file has none.</param>
/// <param name="Weight">The source's weight times its block weight; any sign.</param>
public sealed record MergeTerm(Tensor Up, Tensor Down, double Alpha, double Weight)
{
    /// <summary>Number of columns of <see cref="Up"/>.</summary>
    public int Rank => (int)Up.shape[1];

    /// <summary>What Up·Down is multiplied by to give this term of the sum: weight·alpha/rank.</summary>
    public double Scale => Weight * Alpha / Rank;

    /// <summary>The source's weight difference without its weight, alpha/rank·Up·Down [out, in], float32.</summary>
    public Tensor Delta()
    {
        using var scope = NewDisposeScope();
        var scaled = Up.to(float32).Times(Alpha / Rank);
        return scaled.matmul(Down.to(float32)).MoveToOuterDisposeScope();
    }
}
