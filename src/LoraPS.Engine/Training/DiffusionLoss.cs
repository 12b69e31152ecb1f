using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>How far a prediction is from its target.</summary>
public static class DiffusionLoss
{
    /// <summary>Squared error, averaged over each picture, weighted, and averaged over the batch.</summary>
    /// <param name="prediction">What the U-Net predicted, [B, 4, h, w].</param>
    /// <param name="target">What it should have, the noise for epsilon prediction, [B, 4, h, w].</param>
    /// <param name="weights">Weight of each picture.</param>
    /// <returns>A scalar, float32 whatever the arguments are.</returns>
    public static Tensor SquaredError(Tensor prediction, Tensor target, params float[] weights)
    {
        using var scope = NewDisposeScope();
        var perPicture = (prediction.to(ScalarType.Float32) - target.to(ScalarType.Float32)).Squared().mean([1, 2, 3]);
        return (perPicture * tensor(weights, device: perPicture.device)).mean().MoveToOuterDisposeScope();
    }
}
