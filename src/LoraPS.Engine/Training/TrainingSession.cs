using LoraPS.Engine.Data;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Training;

/// <summary>One call of <see cref="LoraTrainer.Train"/>: brings model, pictures and network together, and runs the loop.</summary>
/// <param name="modelPath">The model.</param>
/// <param name="options">How to train, checked.</param>
/// <param name="resumed">State of the run to go on with, or null for a new one.</param>
/// <param name="events">Told of everything.</param>
internal sealed class TrainingSession(string modelPath, TrainingOptions options, TrainingState? resumed, IProgress<EngineEvent>? events)
{
    private const long DrawnSeeds = 1L << 32;
    private readonly TrainingPaths _paths = new(options.DestinationPath);
    private readonly long _seed = options.Seed ?? resumed?.Seed ?? Random.Shared.NextInt64(DrawnSeeds);
    private readonly long _began = options.Clock.GetTimestamp();

    /// <summary>Trains on a data set.</summary>
    public TrainingResult Run(LoraDataset dataset, CancellationToken cancellationToken)
    {
        _paths.ThrowIfTaken(options, Length(dataset));
        _paths.ThrowIfUnwritable();
        var device = ComputeDevice.Resolve(options.Device);
        using var model = StableDiffusionModel.Load(modelPath, new(options.Precision.ModelType(), device, VaeDType: TorchSharp.torch.ScalarType.Float32), events);
        model.UNet.GradientCheckpointing = model.TextEncoder.GradientCheckpointing = options.GradientCheckpointing;
        var tokenizer = TokenizerSource.Find(modelPath, options.TokenizerPath, options.AllowDownload, events, cancellationToken);
        var given = new RunFacts(options, dataset, ModelFiles.Read(modelPath), Length(dataset), _seed, resumed?.StartedAt ?? options.Clock.GetUtcNow());
        var settings = ResumeSettings.Of(given);
        resumed?.ThrowIfDifferent(options.ResumePath!, settings, given.Length);

        // Before the pictures are encoded: what is wrong with files given for these is told at once.
        foreach (var weights in options.BaseWeights)
            BaseWeightsMerger.Merge(model.UNet, model.TextEncoder, weights, events);
        using var network = LoraNetwork.Create(model.UNet, model.TextEncoder, options.Network with { FactorsInModelType = options.Precision.IsFull() }, _seed, events);

        using var latents = new LatentStore(model.Vae);
        var readable = Encode(dataset, latents, cancellationToken);
        var run = given with { Dataset = readable, Length = Length(readable) };
        if (!readable.Entries.Any(entry => entry.Subset.RandomCrop))
            model.Vae.Dispose();
        using var text = new TextConditioner(tokenizer, model.TextEncoder, options);
        WarnOfCutCaptions(text, run);

        using var trainer = new NetworkTrainer(model.UNet, network, options, run.Length.Steps);
        if (resumed is not null)
            TrainingState.Restore(options.ResumePath!, trainer.Memory);
        network.Attach();
        var sampler = new DenoisingSampler(latents, _seed, options.Noise, options.PriorLossWeight);
        var saver = new TrainingSaver(run, settings, _paths, network, trainer);
        var loss = new TrainingLoop(run, new(sampler, text, network, trainer), saver, events).Run(resumed, cancellationToken);
        saver.Finish(run.Length.Steps);
        return new(
            _paths.Final, saver.EpochPaths, run.Length.Steps, run.Length.Epochs, loss, _seed, network.Adapters.Count,
            readable.Skipped.Count, options.Clock.GetElapsedTime(_began));
    }

    private TrainingLength Length(LoraDataset dataset) => TrainingLength.From(options, dataset.BatchesPerEpoch);

    private LoraDataset Encode(LoraDataset dataset, LatentStore latents, CancellationToken cancellationToken)
    {
        // More than once, because regularisation pictures that were not needed may take the place of unreadable ones.
        while (latents.Fill(dataset.Entries, events, cancellationToken) is { Count: > 0 } unreadable)
            dataset = dataset.Without(unreadable);
        return dataset;
    }

    /// <summary>Looks at the captions of one epoch; those of the others are as long.</summary>
    private void WarnOfCutCaptions(TextConditioner text, RunFacts run)
    {
        var batches = BatchSampler.Epoch(run.Dataset, run.Seed, epoch: 1, new StepSchedule(run.Length.Steps));
        if (text.FindCutCaptions(batches.SelectMany(batch => batch.Items).Select(item => item.Caption)) is { } warning)
            events?.Report(warning);
    }
}
