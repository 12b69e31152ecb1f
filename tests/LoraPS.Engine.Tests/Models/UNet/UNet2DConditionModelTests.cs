using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Models.UNet;

/// <summary>Outputs computed by sd-scripts 48d368fa, library/original_unet.py, in float32 on the CPU.</summary>
public class UNet2DConditionModelTests
{
    private const double Absolute = 1e-5;
    private const double Relative = 1e-5;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Stable_Diffusion_1_predicts_what_the_reference_does(int @case)
    {
        using var model = TinyModels.Sd1();
        AssertPredicts(model.UNet, "unet/sd1_io.safetensors", @case);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Stable_Diffusion_2_predicts_what_the_reference_does(int @case)
    {
        using var unet = TinyModels.Sd2UNet();
        AssertPredicts(unet, "unet/sd2_io.safetensors", @case);
    }

    [Fact]
    public void A_batch_is_predicted_item_by_item()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var unet = TinyModels.Sd2UNet();
        using var golden = GoldenTensors.Open("unet/sd2_io.safetensors");
        using var second = unet.call(golden["0.latents"][1..], golden["0.timesteps"][1..], golden["0.context"][1..]);
        Assert.True(second.allclose(golden["0.out"][1..], atol: 1e-5));
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var unet = TinyModels.Sd2UNet();
        using var golden = GoldenTensors.Open("unet/sd2_io.safetensors");
        Tensor latents = golden["1.latents"].clone().requires_grad_(), direction = Normal(1, latents.shape), weights = Normal(2, latents.shape);
        Tensor Loss(Tensor sample) => (unet.call(sample, golden["1.timesteps"], golden["1.context"]) * weights).sum();
        Loss(latents).backward();
        const float step = 1e-2f;
        using var noGradient = no_grad();
        var difference = (Loss(latents - direction.Times(-step)) - Loss(latents - direction.Times(step))).item<float>() / (2 * step);
        var slope = (latents.grad! * direction).sum().item<float>();
        Assert.Equal(difference, slope, 0.01 * Math.Abs(difference) + 0.01);
    }

    [Fact]
    public void A_prediction_leaves_nothing_behind()
    {
        using var unet = TinyModels.Sd2UNet();
        using var golden = GoldenTensors.Open("unet/sd2_io.safetensors");
        using Tensor latents = golden["0.latents"], timesteps = golden["0.timesteps"], context = golden["0.context"];
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        unet.call(latents, timesteps, context).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Normal(int item, long[] shape) => new CounterRandom(7, RandomPurpose.ModelInit, item: item).Normal(shape);

    private static void AssertPredicts(UNet2DConditionModel unet, string fixture, int @case)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var golden = GoldenTensors.Open(fixture);
        var prediction = unet.call(golden[$"{@case}.latents"], golden[$"{@case}.timesteps"], golden[$"{@case}.context"]);
        golden.AssertNear($"{@case}.out", prediction, Absolute, Relative);
    }
}
