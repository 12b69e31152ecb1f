using System.Text.Json;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Tests.Models;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Three steps of a DyLoRA network with the ranks sd-scripts 48d368fa drew, against what it computed.</summary>
public sealed class DyLoraTrainingTests : IDisposable
{
    private readonly StableDiffusionModel _model = TinyModels.Sd1();
    private readonly GoldenTensors _inputs = GoldenTensors.Open("lora/train_io.safetensors");
    private readonly GoldenTensors _forward = GoldenTensors.Open("dylora/network_forward.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void Prediction_losses_and_weights_equal_the_reference()
    {
        var options = new TrainingOptions
        {
            DestinationPath = "unused",
            Network = new() { Kind = NetworkKind.DyLora, Rank = 4, Alpha = 2, Unit = 2, DyLoraUsesAllRanks = true },
            UNetLearningRate = 1e-3,
            TextEncoderLearningRate = 5e-4,
            MaxGradNorm = 0,
        };
        using var network = LoraNetwork.Create(_model.UNet, _model.TextEncoder, options.Network, seed: 1);
        using (var file = SafetensorsFile.Open(TestFiles.Fixture("dylora/network_init.safetensors")))
            network.Load(file);
        network.Attach();
        using var trainer = new NetworkTrainer(_model.UNet, network, options);
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("dylora/dylora.json")));
        var draws = json.RootElement.GetProperty("network").GetProperty("draws");
        var losses = new List<float>();
        for (var step = 0; step < draws.GetArrayLength(); step++)
        {
            foreach (var adapter in network.Adapters.Cast<DyLoraAdapter>())
                adapter.ActiveUnit = draws[step].GetProperty(adapter.Target.Name).GetInt32() / options.Network.Unit;
            var inputs = new DenoisingInputs(_inputs[$"{step}.latents"], _inputs[$"{step}.noise"], _inputs[$"{step}.timesteps"], [1, 1]);
            var states = _model.TextEncoder.Encode(_inputs["input_ids"]);
            if (step == 0)
                _forward.AssertNear("noise_pred", Predict(inputs, states), 1e-4);
            var loss = trainer.Loss(inputs, states);
            losses.Add(loss.item<float>());
            trainer.Update(loss);
        }

        _forward.AssertNear("losses", tensor(losses.ToArray()), 0, 1e-5);
        using var after = GoldenTensors.Open("dylora/network_after3.safetensors");
        var file2 = network.ToStateDict(SafetensorsDType.F32);
        var errors = cat([.. after.Names.Select(key => (after[key] - file2[key]).abs().flatten())]);
        Assert.True(errors.quantile(tensor(0.999f)).item<float>() < 2e-5);
        Assert.True(errors.max().item<float>() < 2e-3);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _forward.Dispose();
        _inputs.Dispose();
        _model.Dispose();
    }

    private Tensor Predict(DenoisingInputs inputs, Tensor states)
    {
        using var schedule = new LoraPS.Engine.Diffusion.NoiseSchedule();
        return _model.UNet.call(schedule.AddNoise(inputs.Latents, inputs.Noise, inputs.Timesteps), inputs.Timesteps, states);
    }
}
