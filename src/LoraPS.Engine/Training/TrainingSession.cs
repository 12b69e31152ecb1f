using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.Loading;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.Configuration;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Training;

/// <summary>One call of <see cref="LoraTrainer.Train"/>: brings model, pictures and network together, and runs the loop.</summary>
/// <param name="modelPath">The model.</param>
/// <param name="options">How to train, checked.</param>
/// <param name="resumed">State of the run to go on with, or null for a new one.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="events">Told of everything.</param>
internal sealed class TrainingSession(string modelPath, TrainingOptions options, TrainingState? resumed, long seed, IProgress<EngineEvent>? events)
{
    private readonly TrainingPaths _paths = new(options.DestinationPath);
    private readonly long _began = options.Clock.GetTimestamp();

    /// <summary>Trains on a data set.</summary>
    public TrainingResult Run(LoraDataset dataset, CancellationToken cancellationToken)
    {
        var (training, validation) = dataset.SplitForValidation(seed);
        var length = Length(training);
        _paths.ThrowIfTaken(options, new SaveSchedule(options, length, _paths).Outputs().Concat(new SampleSchedule(options.Samples, length, _paths).Outputs()));
        options.Samples.ThrowIfUnfit(CheckpointLoader.ReadConfig(modelPath, options.VaePath));
        var description = ModelSpecFields.Read(options.ModelDescription);
        using var claim = _paths.Claim();
        foreach (var warning in TrainingAdvice.On(options))
            events?.Report(warning);
        var preparation = new PreparationProgress(events);
        var device = ComputeDevice.Resolve(options.Device);
        events?.Report(new DetailEvent($"The device is {device}, and the seed {seed}."));
        using var model = StableDiffusionModel.Load(modelPath, new(options.Precision.ModelType(), device, VaeDType: TorchSharp.torch.ScalarType.Float32, options.VaePath), preparation);
        model.UNet.GradientCheckpointing = model.TextEncoder.GradientCheckpointing = options.GradientCheckpointing;
        var tokenizer = TokenizerSource.Find(modelPath, options.TokenizerPath, options.AllowDownload, preparation, cancellationToken);
        var given = new RunFacts(
            options, training, validation, ModelFiles.Read(modelPath), length, seed, resumed?.StartedAt ?? options.Clock.GetUtcNow())
        {
            Vae = options.VaePath is { } vae ? ModelFiles.Read(vae) : null, Description = description,
        };
        var settings = ResumeSettings.Of(given);
        resumed?.ThrowIfDifferent(options.ResumePath!, settings, given.Length);

        // Before the pictures are encoded: what is wrong with files given for these is told at once.
        foreach (var weights in options.BaseWeights)
            BaseWeightsMerger.Merge(model.UNet, model.TextEncoder, weights, events);
        using var network = LoraNetwork.Create(
            model.UNet, model.TextEncoder, options.Network with { FactorsInModelType = options.Precision.IsFull() }, seed, events);

        var cache = options.CachePath is { } folder ? new TensorCache(folder) : null;
        using var latents = new LatentStore(model.Vae, cache);
        var run = Encode(given, latents, preparation, cancellationToken);
        if (options.Samples.Prompts.Count == 0 && !run.Dataset.Entries.Any(entry => entry.Subset.RandomCrop))
            model.Vae.Dispose();
        using var text = new TextConditioner(tokenizer, model.TextEncoder, options, cache);
        WarnOfCutCaptions(text, run);

        using var trainer = new NetworkTrainer(model.UNet, network, options, run.Length.Steps);
        if (resumed is not null)
            TrainingState.Restore(options.ResumePath!, trainer.Memory);
        network.Attach();
        var parts = new TrainingParts(Sampler(latents, seed), text, network, trainer);
        var saver = new TrainingSaver(run, settings, _paths, network, trainer, events);
        events?.Report(new RunStartedEvent(settings, seed, run.Length.Steps, run.Length.Epochs, resumed?.Step ?? 0));
        events?.Report(new RunPicturesEvent(RunPicture.Of(run.Dataset, run.Validation)));
        var samples = new SamplePainter(run, model, tokenizer, network, _paths, events);
        var loop = new TrainingLoop(run, parts, saver, samples, Validator(run, parts, latents), events);
        var losses = loop.Run(resumed, cancellationToken);
        saver.Finish(run.Length.Steps, losses.Losses);
        return new(
            _paths.Final, saver.SavedPaths, run.Length.Steps, run.Length.Epochs, losses.Value, loop.ValidationLoss, seed, network.Adapters.Count,
            run.Dataset.Skipped.Count, options.Clock.GetElapsedTime(_began))
        {
            EpochLosses = loop.EpochLosses,
            SamplePaths = samples.Made,
            Pictures = run.Dataset.ImageCount,
            ItemsPerEpoch = run.Dataset.ItemCount,
            Config = TrainingConfig.Of(modelPath, dataset, options with { Seed = seed }),
        };
    }

    private TrainingLength Length(LoraDataset dataset) => TrainingLength.From(options, dataset.BatchesPerEpoch);

    private DenoisingSampler Sampler(LatentStore latents, long drawn) => new(latents, drawn, options.Noise, options.PriorLossWeight);

    private Validator? Validator(RunFacts run, TrainingParts parts, LatentStore latents)
    {
        if (run.Validation is null)
            return null;
        var drawn = run.Validation.Groups[0].Options.ValidationSeed ?? seed;
        return new Validator(run.Validation, parts with { Sampler = Sampler(latents, drawn) }, options, drawn);
    }

    /// <summary>Encodes all pictures and leaves out those that cannot be read.</summary>
    private static RunFacts Encode(RunFacts run, LatentStore latents, PreparationProgress preparation, CancellationToken cancellationToken)
    {
        var dataset = run.Dataset;
        // More than once, because regularisation pictures that were not needed may take the place of unreadable ones.
        while (latents.Fill(dataset.Entries, preparation, cancellationToken) is { Count: > 0 } unreadable)
            dataset = dataset.Without(unreadable);
        var validation = run.Validation;
        if (validation is not null && latents.Fill(validation.Entries, preparation, cancellationToken) is { Count: > 0 } lost)
            validation = lost.Count < validation.ImageCount ? validation.Without(lost) : null;
        return run with { Dataset = dataset, Validation = validation, Length = TrainingLength.From(run.Options, dataset.BatchesPerEpoch) };
    }

    /// <summary>Looks at the captions of one epoch; those of the others are as long.</summary>
    private void WarnOfCutCaptions(TextConditioner text, RunFacts run)
    {
        var batches = BatchSampler.Epoch(run.Dataset, run.Seed, epoch: 1, new StepSchedule(run.Length.Steps, run.Length.BatchesPerStep));
        if (text.FindCutCaptions(batches.SelectMany(batch => batch.Items).Select(item => item.Caption)) is { } warning)
            events?.Report(warning);
    }
}
