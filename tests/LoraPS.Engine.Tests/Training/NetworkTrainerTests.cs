using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Lora;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Five training steps on the small Stable Diffusion 1 model; numbers computed by sd-scripts 48d368fa.</summary>
public sealed class NetworkTrainerTests : IDisposable
{
    private const int Steps = 5;

    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    public void The_first_prediction_and_its_gradients_equal_the_reference(string name)
    {
        using var forward = GoldenTensors.Open($"lora/{name}_forward.safetensors");
        using var gradients = GoldenTensors.Open($"lora/{name}_grads.safetensors");
        using var network = Network(name);
        using var trainer = new NetworkTrainer(_model.UNet, network, Options(name));
        forward.AssertNear("noise_pred", _model.UNet.call(forward["noisy_latents"], _inputs["0.timesteps"], States()), 1e-4);

        trainer.Loss(Inputs(0), States()).backward();
        var parameters = network.Parameters().ToDictionary(p => p.Name, p => p.Value);
        Assert.All(gradients.Names, key => gradients.AssertNear(key, parameters[key].grad!, 1e-5, 1e-3));
    }

    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    public void Losses_and_weights_after_five_steps_equal_the_reference(string name)
    {
        using var forward = GoldenTensors.Open($"lora/{name}_forward.safetensors");
        using var after = GoldenTensors.Open($"lora/{name}_after5.safetensors");
        using var network = Network(name);
        forward.AssertNear("losses", Train(network, name), 0, 1e-5);

        var parameters = network.Parameters().ToDictionary(p => p.Name, p => p.Value);
        var errors = cat([.. after.Names.Select(key => (after[key] - parameters[key].detach()).abs().flatten())]);
        // Adam's first steps are nearly the gradient's sign, so where it is almost zero the two machines may part.
        Assert.True(errors.quantile(tensor(0.999f)).item<float>() < 2e-5);
        Assert.True(errors.max().item<float>() < 2e-3);
    }

    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    [InlineData("blocks")]
    public void A_network_whose_up_factors_are_zero_predicts_what_the_model_does_and_learns_like_the_reference(string name)
    {
        using var forward = GoldenTensors.Open($"lora/{name}_forward.safetensors");
        var before = _model.UNet.call(forward["noisy_latents"], _inputs["0.timesteps"], States());
        using var network = Network(name);
        using (no_grad())
            network.Parameters().Where(p => p.IsUp).ToList().ForEach(p => p.Value.zero_());
        var prediction = _model.UNet.call(forward["noisy_latents"], _inputs["0.timesteps"], States());
        Assert.True(before.equal(prediction).all().item<bool>());
        forward.AssertNear("noise_pred_up_zero", prediction, 1e-4);
        forward.AssertNear("losses_up_zero", Train(network, name), 0, 1e-5);
    }

    [Fact]
    public void A_network_with_ranks_block_by_block_predicts_and_learns_like_the_reference()
    {
        using var forward = GoldenTensors.Open("lora/blocks_forward.safetensors");
        using var network = Network("blocks");
        forward.AssertNear("noise_pred", _model.UNet.call(forward["noisy_latents"], _inputs["0.timesteps"], States()), 1e-4);
        forward.AssertNear("losses", Train(network, "blocks"), 0, 1e-5);
    }

    [Fact]
    public void The_model_gets_no_gradient_and_does_not_change()
    {
        var sample = _model.UNet.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        using var network = Network("lierla");
        Train(network, "lierla");
        Assert.All(_model.UNet.named_parameters(), p =>
        {
            Assert.Null(p.parameter.grad);
            Assert.True(sample[p.name].equal(p.parameter).all().item<bool>(), p.name);
        });
        Assert.All(_model.TextEncoder.parameters(), p => Assert.Null(p.grad));
    }

    [Theory]
    [InlineData("lierla")]
    [InlineData("c3lier")]
    public void Gradients_of_two_batches_of_one_picture_equal_those_of_one_batch_of_two(string name)
    {
        using var network = Network(name);
        using var trainer = new NetworkTrainer(_model.UNet, network, Options(name));
        trainer.Backward(trainer.Loss(Inputs(0), States()));
        var together = network.Parameters().ToDictionary(p => p.Name, p => p.Value.grad!.clone());
        trainer.Optimizer.ZeroGradients();
        for (var picture = 0; picture < 2; picture++)
            trainer.Backward(trainer.Loss(Only(Inputs(0), picture), States().narrow(0, picture, 1)), batches: 2);
        Assert.All(network.Parameters(), p =>
        {
            var error = (p.Value.grad! - together[p.Name]).abs().max().item<float>();
            Assert.True(error <= 1e-5 * together[p.Name].abs().max().item<float>() + 1e-9, $"{p.Name}: {error}");
        });
    }

    [Fact]
    public void Gradients_that_are_not_finite_change_nothing()
    {
        using var network = Network("lierla");
        using var trainer = new NetworkTrainer(_model.UNet, network, Options("lierla"));
        var before = network.Parameters().Select(p => p.Value.detach().clone()).ToList();
        var norm = trainer.Update(trainer.Loss(Inputs(0) with { Weights = [float.PositiveInfinity, 1] }, States()));
        Assert.False(double.IsFinite(norm));
        Assert.Equal(0, trainer.Optimizer.Step);
        Assert.All(before.Zip(network.Parameters()), pair => Assert.True(pair.First.equal(pair.Second.Value).all().item<bool>()));
    }

    [Fact]
    public void What_has_a_learning_rate_of_zero_gets_no_gradients_and_counts_in_no_norm()
    {
        using var network = Network("lierla");
        using var trainer = new NetworkTrainer(_model.UNet, network, Options("lierla") with { TextEncoderLearningRate = 0 });
        trainer.Backward(trainer.Loss(Inputs(0), States()));
        var halves = network.Parameters().ToLookup(p => p.Name.StartsWith("lora_te", StringComparison.Ordinal), p => p.Value);
        Assert.All(halves[true], value => Assert.Null(value.grad));
        var norm = GradientNorm.Clip(halves[false], 0);
        Assert.Equal(norm, trainer.Update());
    }

    /// <summary>sd-scripts has one norm for all, so that large gradients of the U-Net slow the text encoder too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_part_may_be_shortened_by_itself(bool perPart)
    {
        const double limit = 1e-3;
        using var network = Network("lierla");
        using var trainer = new NetworkTrainer(_model.UNet, network, Options("lierla") with
        {
            Optimizer = "SGDNesterov", OptimizerArgs = ["momentum=0"], UNetLearningRate = 1, TextEncoderLearningRate = 1, MaxGradNorm = limit, GradNormPerPart = perPart,
        });
        var before = network.Parameters().ToDictionary(p => p.Name, p => p.Value.detach().clone());
        trainer.Update(trainer.Loss(Inputs(0), States()));
        double Moved(string prefix) => Math.Sqrt(network.Parameters().Where(p => p.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Sum(p => (double)(p.Value.detach() - before[p.Name]).square().sum().item<float>()));
        Assert.Equal(1, Moved("lora") / (perPart ? Math.Sqrt(2) * limit : limit), 0.02);
        Assert.Equal(perPart, Math.Abs((Moved("lora_te") / limit) - 1) < 0.02);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inputs.Dispose();
        _model.Dispose();
    }

    private static TrainingOptions Options(string name) => new()
    {
        DestinationPath = "unused",
        Network = TinyNetworks.Options(name),
        UNetLearningRate = 1e-3,
        TextEncoderLearningRate = 5e-4,
        MaxGradNorm = 0,
    };

    private LoraNetwork Network(string name)
    {
        var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, TinyNetworks.Options(name), seed: 1);
        using var file = SafetensorsFile.Open(TestFiles.Fixture($"lora/{name}_init.safetensors"));
        network.Load(file);
        network.Attach();
        return network;
    }

    private Tensor Train(LoraNetwork network, string name)
    {
        using var trainer = new NetworkTrainer(_model.UNet, network, Options(name));
        var losses = new float[Steps];
        for (var step = 0; step < Steps; step++)
        {
            var loss = trainer.Loss(Inputs(step), States());
            losses[step] = loss.item<float>();
            trainer.Update(loss);
        }

        return tensor(losses);
    }

    private static DenoisingInputs Only(DenoisingInputs inputs, int picture) => new(
        inputs.Latents.narrow(0, picture, 1), inputs.Noise.narrow(0, picture, 1), inputs.Timesteps.narrow(0, picture, 1), [inputs.Weights[picture]]);

    private Tensor States() => _model.TextEncoder.Encode(_inputs["input_ids"]);

    private DenoisingInputs Inputs(int step) =>
        new(_inputs[$"{step}.latents"], _inputs[$"{step}.noise"], _inputs[$"{step}.timesteps"], [1, 1]);
}
