using LoraPS.Engine.Diffusion;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>What a U-Net is shown, what it should say, and how wrong it is.</summary>
public sealed class DenoisingObjective : IDisposable
{
    private readonly LossOptions _options;
    private readonly bool _vPrediction;
    private readonly NoiseSchedule _schedule;
    private readonly float[] _weights;
    private readonly float[] _thresholds;

    /// <summary>Builds the tables.</summary>
    /// <param name="options">How the error is measured.</param>
    /// <param name="vPrediction">Whether the U-Net predicts velocities instead of noise.</param>
    /// <param name="zeroTerminalSnr">Whether the noise schedule is rescaled.</param>
    public DenoisingObjective(LossOptions options, bool vPrediction = false, bool zeroTerminalSnr = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _vPrediction, _schedule) = (options, vPrediction, new(zeroTerminalSnr: zeroTerminalSnr));
        using var unscaled = new NoiseSchedule();
        _weights = TimestepTables.Weights(options, vPrediction, (options.SnrBeforeRescaling ? unscaled : _schedule).Snr.data<float>().ToArray());
        _thresholds = TimestepTables.Thresholds(options, _schedule.AlphasCumprod.data<float>().ToArray());
    }

    /// <summary>The latents with their noise.</summary>
    /// <param name="inputs">Latents, noise and timesteps.</param>
    /// <returns>Same shape.</returns>
    public Tensor NoisyLatents(DenoisingInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = NewDisposeScope();
        var noise = inputs.Perturbation is { } perturbation ? inputs.Noise.Plus(perturbation) : inputs.Noise;
        return _schedule.AddNoise(inputs.Latents, noise, inputs.Timesteps).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of a prediction.</summary>
    /// <param name="prediction">The U-Net's answer to <see cref="NoisyLatents"/>, wherever it lives and in any number format.</param>
    /// <param name="inputs">What it was made from.</param>
    /// <returns>A float32 scalar.</returns>
    public Tensor Loss(Tensor prediction, DenoisingInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = NewDisposeScope();
        var timesteps = inputs.Timesteps.cpu().data<long>().ToArray();
        var target = _vPrediction ? _schedule.Velocity(inputs.Latents, inputs.Noise, inputs.Timesteps) : inputs.Noise;
        target = target.to(prediction.device);
        var thresholds = tensor(timesteps.Select(timestep => _thresholds[timestep]).ToArray(), device: prediction.device);
        var elements = DiffusionLoss.Elements(prediction, target, _options.Kind, thresholds);
        if (inputs.Mask is { } mask)
            elements = DiffusionLoss.Masked(elements, mask.to(prediction.device));
        return DiffusionLoss.Mean(elements, [.. inputs.Weights.Zip(timesteps, (weight, timestep) => weight * _weights[timestep])]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _schedule.Dispose();
}
