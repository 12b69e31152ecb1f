using LoraPS.Bench.Measuring;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Bench.Models;

/// <summary>A training of a full-size model at 512×512, step by step, on random latents and captions.</summary>
public sealed class FullSizeTraining : IDisposable
{
    private const int LatentSide = 64;
    private const int Tokens = 77;
    private const int Timesteps = 1000;

    private readonly FullSizeModel _model;
    private readonly LoraNetwork _network;
    private readonly NetworkTrainer _trainer;
    private readonly Device _device;
    private readonly bool _trainsText;
    private readonly int _batch;

    /// <summary>Makes model and network.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="batch">Pictures of a step.</param>
    public FullSizeTraining(TrainingOptions options, int batch)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_device, _batch, _trainsText) = (ComputeDevice.Resolve(options.Device), batch, options.Network.TrainTextEncoder);
        _model = new(options.Precision.ModelType(), _device);
        _model.UNet.GradientCheckpointing = _model.TextEncoder.GradientCheckpointing = options.GradientCheckpointing;
        Operations.Watch(_model.UNet);
        Operations.Watch(_model.TextEncoder);
        _network = LoraNetwork.Create(
            _model.UNet, _model.TextEncoder, options.Network with { FactorsInModelType = options.Precision.IsFull() }, seed: 1);
        _trainer = new(_model.UNet, _network, options);
        _network.Attach();
    }

    /// <summary>Counts what the steps compute forward.</summary>
    public OperationCounter Operations { get; } = new();

    /// <summary>Does one step.</summary>
    /// <returns>How long it took forward, and how long backward with the update.</returns>
    public (TimeSpan Forward, TimeSpan Backward) Step()
    {
        using var scope = NewDisposeScope();
        var loss = zeros(0);
        var forward = Stopwatches.Time(() =>
        {
            loss = _trainer.Loss(Inputs(), States());
            loss.item<float>();
        });
        // The update ends with the gradients' norm as a number, which waits for the device.
        var backward = Stopwatches.Time(() => _trainer.Update(loss));
        _trainer.Step++;
        return (forward, backward);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        _network.Dispose();
        _model.Dispose();
    }

    private DenoisingInputs Inputs() => new(
        randn(_batch, 4, LatentSide, LatentSide), randn(_batch, 4, LatentSide, LatentSide), randint(Timesteps, _batch, dtype: ScalarType.Int64),
        [.. Enumerable.Repeat(1f, _batch)]);

    private Tensor States()
    {
        using var gradients = set_grad_enabled(_trainsText);
        var ids = randint(_model.TextEncoder.Config.VocabularySize, [_batch, 1, Tokens], dtype: ScalarType.Int64);
        return _model.TextEncoder.Encode(ids.to(_device));
    }
}
