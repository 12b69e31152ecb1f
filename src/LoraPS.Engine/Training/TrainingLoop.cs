using LoraPS.Engine.Data;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Goes through the steps of a run.</summary>
/// <param name="run">The run.</param>
/// <param name="parts">What it is computed with.</param>
/// <param name="saver">What writes its files.</param>
/// <param name="events">Told of every step.</param>
internal sealed class TrainingLoop(RunFacts run, TrainingParts parts, TrainingSaver saver, IProgress<EngineEvent>? events)
{
    /// <summary>Where gradients overflow even when the loss is made no larger, it is not the scale.</summary>
    private const double SmallestScale = 1;

    private IReadOnlyList<TrainingBatch> _batches = [];
    private LossAverage _losses = new();
    private int _firstStep;
    private long _startedAt;

    /// <summary>Trains from the first step, or from where a stopped run was, to the last.</summary>
    /// <param name="resumed">The stopped run's state; its tensors are in place already.</param>
    /// <param name="cancellationToken">Asked before each step.</param>
    /// <returns>Mean loss of the last steps, as many as an epoch has.</returns>
    /// <exception cref="TrainingStoppedException">The run was cancelled.</exception>
    /// <exception cref="NonFiniteLossException">A loss or its gradients are not finite.</exception>
    public double Run(TrainingState? resumed, CancellationToken cancellationToken)
    {
        if (resumed is not null)
            (_firstStep, _losses) = (resumed.Step, new LossAverage(resumed.Losses));
        _startedAt = run.Options.Clock.GetTimestamp();
        var epochsToSave = run.Length.EpochsToSave(run.Options, _firstStep).ToHashSet();
        for (var step = _firstStep; step < run.Length.Steps; step++)
        {
            if (cancellationToken.IsCancellationRequested)
                throw Stop(step, cancellationToken);
            Report(Train(step));
            var (epoch, rest) = Math.DivRem(step + 1, run.Length.BatchesPerEpoch);
            if (rest == 0 && epochsToSave.Contains(epoch))
                saver.SaveEpoch(epoch, step + 1, _losses.Losses);
        }

        return _losses.Value;
    }

    /// <summary>Saves what was learned, if anything was since the run was started or taken up.</summary>
    private TrainingStoppedException Stop(int step, CancellationToken cancellationToken) => step == _firstStep
        ? new(step, null, run.Options.ResumePath, cancellationToken)
        : saver.SaveStopped(step, _losses.Losses, cancellationToken);

    private TrainingStep Train(int step)
    {
        var clock = run.Options.Clock;
        var began = clock.GetTimestamp();
        var (epoch, batch) = (run.Length.EpochOf(step) + 1, run.Length.BatchOf(step));
        var (loss, norm) = Learn(step, Batch(epoch, batch), epoch);
        _losses.Add(batch, loss);
        var left = (run.Length.Steps - step - 1) / (double)(step + 1 - _firstStep);
        return new(
            step + 1, run.Length.Steps, epoch, run.Length.Epochs, loss, _losses.Value, norm, parts.Trainer.LearningRate,
            clock.GetElapsedTime(began), clock.GetElapsedTime(_startedAt) * left) { WeightNorms = parts.Trainer.WeightNorms };
    }

    private (double Loss, double GradientNorm) Learn(int step, TrainingBatch batch, int epoch)
    {
        parts.Network.SetStep(step);
        parts.Trainer.Step = step;
        using var scope = NewDisposeScope();
        var states = parts.Text.Encode([.. batch.Items.Select(item => item.Caption)]);
        var loss = parts.Trainer.Loss(parts.Sampler.Draw(batch, epoch), states);
        var value = Finite(loss.item<float>(), "loss", step, batch);
        var norm = parts.Trainer.Update(loss);
        if (double.IsFinite(norm) || parts.Trainer.Scaler is not { Scale: >= SmallestScale } scaler)
            return (value, Finite(norm, "gradient norm", step, batch));
        events?.Report(new DetailEvent(FormattableString.Invariant($"The gradients of step {step + 1} overflowed in float16. The step is left out, and the loss is scaled by {scaler.Scale} from now on.")));
        return (value, norm);
    }

    private TrainingBatch Batch(int epoch, int batch)
    {
        if (batch == 0 || _batches.Count == 0)
            _batches = BatchSampler.Epoch(run.Dataset, run.Seed, epoch, new StepSchedule(run.Length.Steps));
        return _batches[batch];
    }

    private static double Finite(double value, string what, int step, TrainingBatch batch) => double.IsFinite(value)
        ? value
        : throw new NonFiniteLossException(step + 1, what, [.. batch.Items.Select(item => item.Entry.Path)]);

    private void Report(TrainingStep step)
    {
        events?.Report(new TrainingStepEvent(step));
        events?.Report(new ProgressEvent(
            "Training",
            FormattableString.Invariant($"step {step.Step} of {step.TotalSteps}, epoch {step.Epoch} of {step.TotalEpochs}, average loss {step.AverageLoss:0.0000}, {step.Duration.TotalSeconds:0.00} s a step"),
            (double)step.Step / step.TotalSteps,
            step.Remaining));
    }
}
