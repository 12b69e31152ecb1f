using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

public class DiffusionLossTests
{
    /// <summary>Number computed by sd-scripts 48d368fa, conditional_loss.</summary>
    [Fact]
    public void Unweighted_loss_equals_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/losses.safetensors");
        using var scope = NewDisposeScope();
        golden.AssertNear("l2.mean", DiffusionLoss.SquaredError(golden["pred"], golden["target"], 1, 1, 1, 1), 0, 1e-6);
    }

    [Fact]
    public void A_weight_counts_for_its_picture_only()
    {
        using var scope = NewDisposeScope();
        var prediction = zeros(2, 4, 3, 3);
        var target = cat([full([1, 4, 3, 3], 1f), full([1, 4, 3, 3], 2f)]);
        Assert.Equal((1 * 0.5 + 4 * 2) / 2, DiffusionLoss.SquaredError(prediction, target, 0.5f, 2).item<float>(), 1e-6);
    }

    [Fact]
    public void Half_precision_predictions_give_a_float32_loss()
    {
        using var scope = NewDisposeScope();
        var loss = DiffusionLoss.SquaredError(zeros(1, 4, 2, 2, ScalarType.BFloat16), ones(1, 4, 2, 2), 1);
        Assert.Equal(ScalarType.Float32, loss.dtype);
    }
}
