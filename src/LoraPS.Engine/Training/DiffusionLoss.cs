using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>How far a prediction is from its target.</summary>
/// <remarks>Follows conditional_loss in sd-scripts library/train_util.py@48d368fa and apply_masked_loss in its custom_train_functions.py.</remarks>
public static class DiffusionLoss
{
    /// <summary>The error of every element.</summary>
    /// <param name="prediction">What the U-Net predicted, [B, 4, h, w].</param>
    /// <param name="target">What it should have, same shape.</param>
    /// <param name="kind">The measure.</param>
    /// <param name="thresholds">The threshold c of each picture, [B]; only for <see cref="LossKind.Huber"/> and <see cref="LossKind.SmoothL1"/>.</param>
    /// <returns>Same shape, float32 whatever the arguments are.</returns>
    public static Tensor Elements(Tensor prediction, Tensor target, LossKind kind = LossKind.L2, Tensor? thresholds = null)
    {
        using var scope = NewDisposeScope();
        var difference = prediction.to(ScalarType.Float32) - target.to(ScalarType.Float32);
        var elements = kind switch
        {
            LossKind.L1 => difference.abs(),
            LossKind.Huber => Rounded(difference, thresholds!) * Broadcast(thresholds!).Times(2),
            LossKind.SmoothL1 => Rounded(difference, thresholds!).Times(2),
            _ => difference.Squared(),
        };
        return elements.MoveToOuterDisposeScope();
    }

    /// <summary>Lets places count less.</summary>
    /// <param name="elements">Errors [B, 4, h, w].</param>
    /// <param name="mask">How much each place counts, [B, H, W], brought to the size of the errors by area.</param>
    /// <returns>Same shape. The mean is not divided by the mask's, so that a picture with little to learn counts little.</returns>
    public static Tensor Masked(Tensor elements, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(elements);
        ArgumentNullException.ThrowIfNull(mask);
        using var scope = NewDisposeScope();
        var small = nn.functional.interpolate(mask.to(ScalarType.Float32).unsqueeze(1), size: elements.shape[2..], mode: InterpolationMode.Area);
        return (elements * small).MoveToOuterDisposeScope();
    }

    /// <summary>Averages over each picture, weights the pictures, and averages over the batch.</summary>
    /// <param name="elements">Errors [B, 4, h, w].</param>
    /// <param name="weights">Weight of each picture.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Mean(Tensor elements, params float[] weights)
    {
        ArgumentNullException.ThrowIfNull(elements);
        using var scope = NewDisposeScope();
        return (elements.mean([1, 2, 3]) * tensor(weights, device: elements.device)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>√(d² + c²) − c.</summary>
    private static Tensor Rounded(Tensor difference, Tensor thresholds)
    {
        var c = Broadcast(thresholds);
        return difference.Squared().Plus(c.Squared()).sqrt() - c;
    }

    private static Tensor Broadcast(Tensor perPicture) => perPicture.reshape(-1, 1, 1, 1);
}
