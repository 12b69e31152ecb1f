using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.Configuration;
using LoraPS.Engine.Training.Logging;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Trains a LoRA for a Stable Diffusion model.</summary>
/// <remarks>
/// Hu et al., "LoRA: Low-rank adaptation of large language models", 2021, on the denoising loss of Ho et al., 2020. Follows
/// sd-scripts train_network.py@48d368fa, but for its random numbers: here they follow from the seed, so that two runs with
/// one seed train the same numbers and a run that was stopped goes on as if it had not been.
/// </remarks>
public static class LoraTrainer
{
    private const long DrawnSeeds = 1L << 32;

    /// <summary>Tells what a training would do, from the headers of files alone.</summary>
    /// <param name="modelPath">A diffusers folder or a single .safetensors checkpoint.</param>
    /// <param name="dataset">Pictures and captions.</param>
    /// <param name="options">How to train.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DestinationExistsException">A file to be written exists, and it was not said that it may be replaced.</exception>
    /// <exception cref="EngineException">The model cannot be used.</exception>
    public static TrainingPlan Plan(string modelPath, LoraDataset dataset, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        TorchRuntime.EnsureLoaded();
        var (training, validation) = dataset.SplitForValidation(options.Seed ?? 0);
        var length = TrainingLength.From(options, training.BatchesPerEpoch);
        var paths = new TrainingPaths(options.DestinationPath);
        var samples = new SampleSchedule(options.Samples, length, paths).Outputs();
        paths.ThrowIfTaken(options, new SaveSchedule(options, length, paths).Outputs().Concat(samples));
        var config = CheckpointLoader.ReadConfig(modelPath, options.VaePath);
        options.Samples.ThrowIfUnfit(config);
        using var model = new StableDiffusionModel(config, modelPath, META);
        var targets = LoraTargets.Find(model.UNet, model.TextEncoder, options.Network);
        var parameters = targets.Sum(target => AdapterFactory.ParameterCount(options.Network, target));
        return new(
            training.ImageCount,
            training.ItemCount,
            validation?.ImageCount ?? 0,
            training.Groups.SelectMany(group => group.Buckets).ToList(),
            length,
            targets.Count,
            parameters,
            MemoryEstimate.Of(model, training, options, parameters),
            new SaveSchedule(options, length, paths).Outputs()) { Config = TrainingConfig.Of(modelPath, dataset, options), SamplePictures = samples.Count };
    }

    /// <summary>Trains a LoRA and writes it.</summary>
    /// <param name="modelPath">A diffusers folder or a single .safetensors checkpoint.</param>
    /// <param name="dataset">Pictures and captions; a picture whose pixels cannot be read is left out with a warning.</param>
    /// <param name="options">How to train.</param>
    /// <param name="events">Told how far the work has come, and of every step (<see cref="TrainingStepEvent"/>).</param>
    /// <param name="cancellationToken">Stops the run between two steps and keeps what was learned.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DestinationExistsException">A file to be written exists, and it was not said that it may be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same files.</exception>
    /// <exception cref="TrainingStoppedException">The run was cancelled.</exception>
    /// <exception cref="NonFiniteLossException">A loss or its gradients are not finite.</exception>
    /// <exception cref="ResumeMismatchException">A stopped run was to be taken up with other settings.</exception>
    /// <exception cref="EngineException">The model, the tokenizer, the pictures or the state cannot be used, or a file cannot be written.</exception>
    public static TrainingResult Train(
        string modelPath,
        LoraDataset dataset,
        TrainingOptions options,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        TorchRuntime.EnsureLoaded();
        var resumed = options.ResumePath is { } path ? TrainingState.Read(path) : null;
        using var logs = RunLogs.Open(options, resumed?.StartedAt ?? options.Clock.GetUtcNow(), events);
        try
        {
            var seed = options.Seed ?? resumed?.Seed ?? Random.Shared.NextInt64(DrawnSeeds);
            var result = new TrainingSession(modelPath, options, resumed, seed, logs).Run(dataset, cancellationToken);
            logs.Report(new RunFinishedEvent(result));
            return result with { LogPath = options.LogPath is { } log ? Path.GetFullPath(log) : null, History = logs.History() };
        }
        catch (OperationCanceledException e) when (e is not TrainingStoppedException)
        {
            var stopped = new TrainingStoppedException(resumed?.Step ?? 0, null, options.ResumePath, cancellationToken);
            logs.Report(new RunFailedEvent(stopped));
            throw stopped;
        }
        catch (Exception e)
        {
            logs.Report(new RunFailedEvent(e));
            throw;
        }
    }
}
