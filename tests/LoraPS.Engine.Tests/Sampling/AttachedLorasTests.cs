using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Models;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Sampling;

public sealed class AttachedLorasTests : IDisposable
{
    private readonly PictureCase _case = new();

    [Fact]
    public void The_model_computes_what_the_merged_model_computes()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        LoraSource[] loras = [new(_case.WriteLora("a.safetensors", 1), 0.7), new(_case.WriteLora("b.safetensors", 2), -0.4, BlockWeights.Parse("MID=0,IN01=2"))];
        CheckpointFuser.Merge(PictureCase.Model, loras, _case.File("merged"), new() { SaveDType = SafetensorsDType.F32 });
        using var model = StableDiffusionModel.Load(PictureCase.Model);
        using var merged = StableDiffusionModel.Load(_case.File("merged"));
        var (plainText, plainNoise) = Outputs(model);

        using var attached = AttachedLoras.Attach(model, loras);
        var (text, noise) = Outputs(model);
        var (expectedText, expectedNoise) = Outputs(merged);

        Assert.InRange(Distance(text, expectedText), 0, 1e-4);
        Assert.InRange(Distance(noise, expectedNoise), 0, 1e-4);
        Assert.True(Distance(plainText, expectedText) > 0.01);
        Assert.True(Distance(plainNoise, expectedNoise) > 0.01);
    }

    [Fact]
    public void Taken_off_again_the_model_computes_what_it_did()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = StableDiffusionModel.Load(PictureCase.Model);
        var before = Outputs(model);

        AttachedLoras.Attach(model, [new(_case.WriteLora("a.safetensors", 1))]).Dispose();

        Assert.Equal(0, Distance(Outputs(model).Noise, before.Noise));
        Assert.Equal(0, Distance(Outputs(model).Text, before.Text));
    }

    public void Dispose() => _case.Dispose();

    // At less than 16x16 latents the tiny model's lowest level has one pixel and one channel a group: its norms then divide
    // rounding errors by almost nothing, and equal models differ.
    private static (Tensor Text, Tensor Noise) Outputs(StableDiffusionModel model)
    {
        var ids = Enumerable.Range(0, 77).Select(i => (long)(i * 37 % model.Config.TextEncoder.VocabularySize));
        var text = model.TextEncoder.Encode(tensor(ids.ToArray(), [1, 77]));
        var states = new CounterRandom(1, RandomPurpose.Noise).Normal(1, 77, model.Config.TextEncoder.HiddenSize);
        return (text, model.UNet.call(new CounterRandom(2, RandomPurpose.Noise).Normal(1, 4, 16, 16), tensor(new long[] { 321 }), states));
    }

    private static float Distance(Tensor a, Tensor b) => (a - b).norm().item<float>() / b.norm().item<float>();
}
