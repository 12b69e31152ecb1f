using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

public sealed class NetworkKindTrainingTests : IDisposable
{
    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(NetworkKind.Lora)]
    [InlineData(NetworkKind.LoraFa)]
    [InlineData(NetworkKind.DyLora)]
    [InlineData(NetworkKind.Dora)]
    [InlineData(NetworkKind.Loha)]
    [InlineData(NetworkKind.Lokr)]
    public void Every_kind_of_network_learns(NetworkKind kind)
    {
        var options = new TrainingOptions { DestinationPath = "unused", LearningRate = 1e-2, Network = new() { Kind = kind, Rank = 2, Alpha = 2, ConvRank = 2 } };
        using var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, options.Network, seed: 1);
        using var trainer = new NetworkTrainer(_model.UNet, network, options);
        network.Attach();
        var losses = Enumerable.Range(0, 8).Select(step => Learn(network, trainer, step)).ToList();
        Assert.True(losses[^1] < 0.97 * losses[0], string.Join(", ", losses));
    }

    public void Dispose()
    {
        _scope.Dispose();
        _inputs.Dispose();
        _model.Dispose();
    }

    private float Learn(LoraNetwork network, NetworkTrainer trainer, int step)
    {
        network.SetStep(step);
        using var scope = NewDisposeScope();
        var loss = trainer.Loss(new(_inputs["0.latents"], _inputs["0.noise"], _inputs["0.timesteps"], [1, 1]), _model.TextEncoder.Encode(_inputs["input_ids"]));
        trainer.Update(loss);
        return loss.item<float>();
    }
}
