using LoraPS.Engine.Training;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Numbers computed by torch.nn.utils.clip_grad_norm_.</summary>
public class GradientNormTests
{
    private static readonly string[] Parameters = ["conv", "linear", "vector"];

    [Fact]
    public void Clipped_gradients_and_their_norm_equal_the_reference()
    {
        using var golden = GoldenTensors.Open("train_math/clip_grad_norm.safetensors");
        using var inputs = GoldenTensors.Open("train_math/optimizers.safetensors");
        using var scope = NewDisposeScope();
        var parameters = Parameters.Select(p => WithGradient(inputs[$"grad0.{p}"] * 5)).ToList();
        Assert.Equal(golden["total_norm"].item<float>(), GradientNorm.Clip(parameters, 1), 1e-4);
        for (var i = 0; i < Parameters.Length; i++)
            golden.AssertNear($"clipped.{Parameters[i]}", parameters[i].grad!, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Gradients_within_the_limit_stay_as_they_are(double maxNorm)
    {
        using var scope = NewDisposeScope();
        var parameter = WithGradient(tensor(new[] { 3f, 4f }));
        Assert.Equal(5, GradientNorm.Clip([parameter, ones(1).requires_grad_()], maxNorm), 1e-6);
        Assert.Equal([3f, 4f], parameter.grad!.data<float>().ToArray());
    }

    private static Tensor WithGradient(Tensor gradient)
    {
        var parameter = zeros_like(gradient).requires_grad_();
        parameter.grad = gradient;
        return parameter;
    }
}
