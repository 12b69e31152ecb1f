using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Lora;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A step whose activations are computed again must be the step whose activations are kept.</summary>
public sealed class GradientCheckpointingTests : IDisposable
{
    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Loss_and_gradients_are_those_of_a_step_that_keeps_its_activations(bool trainUNet, bool trainText)
    {
        var options = TinyNetworks.Options("c3lier") with
        {
            WeightsPath = TestFiles.Fixture("lora/c3lier_init.safetensors"),
            TrainUNet = trainUNet,
            TrainTextEncoder = trainText,
            Dropout = 0.1,
            RankDropout = 0.1,
            ModuleDropout = 0.1,
        };
        using var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, options, seed: 1);
        network.Attach();
        network.SetStep(3);
        var (loss, gradients) = Step(network, checkpointing: false);
        var (again, recomputed) = Step(network, checkpointing: true);
        Assert.Equal(loss, again);
        Assert.Equal(gradients.Keys, recomputed.Keys);
        Assert.All(gradients, gradient =>
        {
            // Sums of several paths may be added up in another order.
            var difference = (gradient.Value - recomputed[gradient.Key]).abs().max().item<float>();
            Assert.True(difference <= 1e-6 * gradient.Value.abs().max().item<float>() + 1e-9, $"{gradient.Key}: {difference:g4}");
        });
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, TinyNetworks.Options("lierla"), seed: 1);
        using var trainer = new NetworkTrainer(_model.UNet, network, new() { DestinationPath = "unused" });
        network.Attach();
        _model.UNet.GradientCheckpointing = _model.TextEncoder.GradientCheckpointing = true;
        Train();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Train();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Train()
        {
            using var scope = NewDisposeScope();
            trainer.Update(trainer.Loss(Inputs(), _model.TextEncoder.Encode(_inputs["input_ids"])));
        }
    }

    [Fact]
    public void Without_gradients_nothing_is_computed_twice()
    {
        using var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, TinyNetworks.Options("lierla"), seed: 1);
        network.Attach();
        var plain = _model.UNet.call(_inputs["0.latents"], _inputs["0.timesteps"], _model.TextEncoder.Encode(_inputs["input_ids"]));
        _model.UNet.GradientCheckpointing = _model.TextEncoder.GradientCheckpointing = true;
        using var noGradient = no_grad();
        var recomputed = _model.UNet.call(_inputs["0.latents"], _inputs["0.timesteps"], _model.TextEncoder.Encode(_inputs["input_ids"]));
        Assert.True(plain.equal(recomputed).all().item<bool>());
        Assert.False(recomputed.requires_grad);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inputs.Dispose();
        _model.Dispose();
    }

    private (float Loss, Dictionary<string, Tensor> Gradients) Step(LoraNetwork network, bool checkpointing)
    {
        _model.UNet.GradientCheckpointing = _model.TextEncoder.GradientCheckpointing = checkpointing;
        using var trainer = new NetworkTrainer(_model.UNet, network, new() { DestinationPath = "unused" });
        var loss = trainer.Loss(Inputs(), _model.TextEncoder.Encode(_inputs["input_ids"]));
        loss.backward();
        var gradients = network.Parameters().Where(parameter => parameter.Value.grad is not null).ToDictionary(parameter => parameter.Name, parameter => parameter.Value.grad!);
        foreach (var parameter in network.Parameters())
            parameter.Value.grad = null;
        return (loss.item<float>(), gradients);
    }

    private DenoisingInputs Inputs() => new(_inputs["0.latents"], _inputs["0.noise"], _inputs["0.timesteps"], [1, 1]);
}
