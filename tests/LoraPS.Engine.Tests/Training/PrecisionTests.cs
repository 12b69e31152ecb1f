using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Lora;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Steps in half precision against the same step in float32.</summary>
public sealed class PrecisionTests : IDisposable
{
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(TrainingPrecision.MixedBf16, ScalarType.BFloat16, ScalarType.Float32, 0.02)]
    [InlineData(TrainingPrecision.MixedFp16, ScalarType.Float16, ScalarType.Float32, 0.003)]
    [InlineData(TrainingPrecision.FullBf16, ScalarType.BFloat16, ScalarType.BFloat16, 0.02)]
    [InlineData(TrainingPrecision.FullFp16, ScalarType.Float16, ScalarType.Float16, 0.003)]
    public void A_step_in_half_precision_points_where_the_step_in_full_precision_does(
        TrainingPrecision precision, ScalarType modelType, ScalarType factorType, double tolerance)
    {
        var full = Step(TrainingPrecision.Fp32);
        var half = Step(precision);
        Assert.Equal((modelType, factorType), (half.ModelType, half.FactorType));
        Assert.Equal(full.Loss, half.Loss, tolerance * full.Loss);
        var cosine = (full.Gradient * half.Gradient).sum() / (full.Gradient.norm() * half.Gradient.norm());
        Assert.True(cosine.item<float>() > 0.97, $"{cosine.item<float>():g4}");
    }

    [Fact]
    public void The_loss_scale_changes_no_gradient()
    {
        using var model = TinyModels.Sd1();
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, Options(TrainingPrecision.Fp32).Network, 1);
        network.Attach();
        using var plain = new NetworkTrainer(model.UNet, network, Options(TrainingPrecision.Fp32));
        var norm = Update(plain, model);
        network.Parameters().ToList().ForEach(parameter => parameter.Value.grad = null);
        using var scaler = new LossScaler();
        var scaled = plain.Loss(Inputs(), model.TextEncoder.Encode(_inputs["input_ids"]));
        scaler.Apply(scaled).backward();
        scaler.Unscale(network.Parameters().Select(parameter => parameter.Value));
        Assert.Equal(norm, GradientNorm.Clip(network.Parameters().Select(parameter => parameter.Value), 0), 1e-6 * norm);
    }

    [Fact]
    public void A_step_that_overflows_is_left_out_and_halves_the_scale()
    {
        using var model = TinyModels.Sd1();
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, TinyNetworks.Options("lierla"), 1);
        network.Attach();
        using var trainer = new NetworkTrainer(model.UNet, network, Options(TrainingPrecision.MixedFp16) with { Network = TinyNetworks.Options("lierla") });
        Assert.Equal(65536, trainer.Scaler!.Scale);
        var before = network.Parameters().Select(parameter => parameter.Value.detach().clone()).ToList();
        trainer.Scaler.Memory.copy_(tensor(new[] { float.MaxValue, 7f }));
        var loss = network.Parameters().First().Value.sum() * 1e10;
        Assert.False(double.IsFinite(trainer.Update(loss)));
        Assert.Equal(float.MaxValue / 2, trainer.Scaler.Scale);
        Assert.Equal(0, trainer.Scaler.Memory[1].item<float>());
        Assert.All(before.Zip(network.Parameters()), pair => Assert.True(pair.First.equal(pair.Second.Value).all().item<bool>()));
        Assert.Contains(trainer.Memory, pair => pair.Key == "loss_scaler");
    }

    [Fact]
    public void The_scale_doubles_after_two_thousand_steps_without_overflow_and_stays_finite()
    {
        using var scaler = new LossScaler();
        for (var step = 1; step < 2000; step++)
            scaler.Update(overflowed: false);
        Assert.Equal(65536, scaler.Scale);
        scaler.Update(overflowed: false);
        Assert.Equal((131072, 0), (scaler.Scale, scaler.Memory[1].item<float>()));

        scaler.Memory.copy_(tensor(new[] { 3e38f, 1999f }));
        scaler.Update(overflowed: false);
        Assert.Equal((3e38f, 0), ((float)scaler.Scale, scaler.Memory[1].item<float>()));
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inputs.Dispose();
    }

    private static TrainingOptions Options(TrainingPrecision precision) => new()
    {
        DestinationPath = "unused",
        Precision = precision,
        MaxGradNorm = 0,
        LearningRate = 1e-12,
        Network = TinyNetworks.Options("c3lier") with { WeightsPath = TestFiles.Fixture("lora/c3lier_init.safetensors"), FactorsInModelType = precision.ToString().StartsWith("Full", StringComparison.Ordinal) },
    };

    private (double Loss, Tensor Gradient, ScalarType ModelType, ScalarType FactorType) Step(TrainingPrecision precision)
    {
        using var model = TinyModels.Sd1(precision.ToString() switch
        {
            var name when name.EndsWith("Bf16", StringComparison.Ordinal) => ScalarType.BFloat16,
            var name when name.EndsWith("Fp16", StringComparison.Ordinal) => ScalarType.Float16,
            _ => ScalarType.Float32,
        });
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, Options(precision).Network, 1);
        network.Attach();
        using var trainer = new NetworkTrainer(model.UNet, network, Options(precision));
        var loss = trainer.Loss(Inputs(), model.TextEncoder.Encode(_inputs["input_ids"]));
        (trainer.Scaler?.Apply(loss) ?? loss).backward();
        trainer.Scaler?.Unscale(network.Parameters().Select(parameter => parameter.Value));
        return (loss.item<float>(), cat([.. network.Parameters().Select(parameter => parameter.Value.grad!.to(float32).flatten())]), model.UNet.parameters().First().dtype, network.Parameters().First().Value.dtype);
    }

    private double Update(NetworkTrainer trainer, StableDiffusionModel model) =>
        trainer.Update(trainer.Loss(Inputs(), model.TextEncoder.Encode(_inputs["input_ids"])));

    private DenoisingInputs Inputs() => new(_inputs["0.latents"], _inputs["0.noise"], _inputs["0.timesteps"], [1, 1]);
}
