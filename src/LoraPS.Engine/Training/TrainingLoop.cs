using LoraPS.Engine.Data;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Goes through the steps of a run.</summary>
/// <param name="run">The run.</param>
/// <param name="parts">What it is computed with.</param>
/// <param name="saver">What writes its files.</param>
/// <param name="samples">What makes pictures on the way.</param>
/// <param name="validator">What measures its loss on other pictures, or null.</param>
/// <param name="events">Told of every step.</param>
internal sealed class TrainingLoop(RunFacts run, TrainingParts parts, TrainingSaver saver, SamplePainter samples, Validator? validator, IProgress<EngineEvent>? events)
{
    /// <summary>What a training's progress is called.</summary>
    public const string Activity = "Training";

    /// <summary>Where gradients overflow even when the loss is made no larger, it is not the scale.</summary>
    private const double SmallestScale = 1;

    private LossAverage _losses = new();
    private readonly List<double> _epochLosses = [];
    private int _firstStep;
    private long _startedAt;

    /// <summary>Loss on pictures that are not trained, as it was measured last.</summary>
    public double? ValidationLoss { get; private set; }

    /// <summary>Mean losses of the epochs that were finished.</summary>
    public IReadOnlyList<double> EpochLosses => _epochLosses;

    /// <summary>Trains from the first step, or from where a stopped run was, to the last.</summary>
    /// <param name="resumed">The stopped run's state; its tensors are in place already.</param>
    /// <param name="cancellationToken">Asked before each step.</param>
    /// <returns>The losses of the last steps, as many as an epoch has batches.</returns>
    /// <exception cref="TrainingStoppedException">The run was cancelled.</exception>
    /// <exception cref="NonFiniteLossException">A loss or its gradients are not finite, and the run is not to go on without them.</exception>
    public LossAverage Run(TrainingState? resumed, CancellationToken cancellationToken)
    {
        if (resumed is not null)
        {
            (_firstStep, _losses) = (resumed.Step, new LossAverage(resumed.Losses));
            saver.SaveMissing(_firstStep, _losses.Losses);
        }

        _startedAt = run.Options.Clock.GetTimestamp();
        if (resumed is null)
            samples.PaintIfDue(0, cancellationToken);
        using var batches = new BatchLoader(run, parts, _firstStep);
        for (var step = _firstStep; step < run.Length.Steps; step++)
        {
            if (cancellationToken.IsCancellationRequested)
                throw Stop(step, cancellationToken);
            Report(Train(step, batches));
            saver.SaveIfDue(step + 1, _losses.Losses);
            EndStep(step + 1);
            samples.PaintIfDue(step + 1, cancellationToken);
        }

        return _losses;
    }

    /// <summary>Ends the epoch if it is its last step, and measures the loss on other pictures if it is time to.</summary>
    private void EndStep(int step)
    {
        var epoch = run.Length.EpochOf(step - 1) + 1;
        var isEpochEnd = step % run.Length.StepsPerEpoch == 0 || step == run.Length.Steps;
        if (isEpochEnd)
        {
            _epochLosses.Add(_losses.Value);
            events?.Report(new EpochEvent(epoch, run.Length.Epochs, step, _losses.Value));
        }

        if (validator is null || !((isEpochEnd && epoch % (run.Options.ValidateEveryEpochs ?? 1) == 0) || step % run.Options.ValidateEverySteps == 0))
            return;
        var loss = validator.Measure();
        ValidationLoss = loss;
        events?.Report(new ValidationEvent(step, epoch, loss, loss - _losses.Value));
    }

    /// <summary>Saves what was learned, if anything was since the run was started or taken up.</summary>
    private TrainingStoppedException Stop(int step, CancellationToken cancellationToken) => step == _firstStep
        ? new(step, null, run.Options.ResumePath, cancellationToken)
        : saver.SaveStopped(step, _losses.Losses, cancellationToken);

    private TrainingStep Train(int step, BatchLoader batches)
    {
        var clock = run.Options.Clock;
        var began = clock.GetTimestamp();
        var epoch = run.Length.EpochOf(step) + 1;
        var (loss, norm) = Learn(step, batches);
        var left = (run.Length.Steps - step - 1) / (double)(step + 1 - _firstStep);
        return new(
            step + 1, run.Length.Steps, epoch, run.Length.Epochs, loss, _losses.Value, norm, parts.Trainer.LearningRate,
            clock.GetElapsedTime(began), clock.GetElapsedTime(_startedAt) * left) { WeightNorms = parts.Trainer.WeightNorms };
    }

    /// <summary>Sums the gradients of the step's batches and updates the weights once.</summary>
    private (double Loss, double GradientNorm) Learn(int step, BatchLoader batches)
    {
        var items = new List<BatchItem>();
        var losses = run.Length.BatchesOf(step).Select(place =>
        {
            var batch = batches.Next();
            items.AddRange(batch.Batch.Items);
            return Backward(step, place, batch);
        }).ToList();
        if (!losses.TrueForAll(double.IsFinite))
        {
            parts.Trainer.Optimizer.ZeroGradients();
            return (double.NaN, double.NaN);
        }

        parts.Trainer.Step = step;
        var norm = parts.Trainer.Update();
        if (!double.IsFinite(norm) && parts.Trainer.Scaler is { Scale: >= SmallestScale } scaler)
            events?.Report(new DetailEvent(FormattableString.Invariant($"The gradients of step {step + 1} overflowed in float16. The step is left out, and the loss is scaled by {scaler.Scale} from now on.")));
        else if (!double.IsFinite(norm))
            Refuse("gradient norm", step, items, parts.Trainer.NonFiniteGradients);
        return (losses.Average(), norm);
    }

    /// <summary>Adds a batch's gradients to those of the step.</summary>
    /// <returns>Its loss; not a number where it is not finite, and then nothing was added.</returns>
    private double Backward(int step, int place, PreparedBatch prepared)
    {
        var items = prepared.Batch.Items;
        // Counted in batches, because what is dropped must not be the same in all batches of a step.
        parts.Network.SetStep(prepared.Index);
        using var scope = NewDisposeScope();
        var states = parts.Text.Encode(prepared.Captions);
        var inputs = prepared.Draw();
        var loss = parts.Trainer.Loss(inputs, states);
        double value = loss.cpu().item<float>();
        if (double.IsFinite(value))
            parts.Trainer.Backward(loss, run.Length.BatchesPerStep);
        else
            Refuse("loss", step, items, NonFiniteSource.OfLoss(items, inputs, states, parts));
        _losses.Add(place, value);
        return value;
    }

    private void Refuse(string what, int step, IEnumerable<BatchItem> items, string? source)
    {
        var error = new NonFiniteLossException(step + 1, what, [.. items.Select(item => item.Entry.Path)], source);
        if (run.Options.NonFinite == NonFinitePolicy.Stop)
            throw error;
        events?.Report(new WarningEvent(error.ErrorId, $"{error.Message} The step was skipped.", error.Step));
    }

    private void Report(TrainingStep step)
    {
        events?.Report(new TrainingStepEvent(step));
        var first = (step.Epoch - 1) * run.Length.StepsPerEpoch;
        var inEpoch = Math.Min(run.Length.StepsPerEpoch, run.Length.Steps - first);
        events?.Report(new ProgressEvent(
            Activity,
            FormattableString.Invariant($"step {step.Step} of {step.TotalSteps}, epoch {step.Epoch} of {step.TotalEpochs}, average loss {step.AverageLoss:0.0000}, {step.Duration.TotalSeconds:0.00} s a step"),
            (double)step.Step / step.TotalSteps,
            step.Remaining)
        {
            Part = new(
                FormattableString.Invariant($"Epoch {step.Epoch} of {step.TotalEpochs}"),
                FormattableString.Invariant($"step {step.Step - first} of {inEpoch}"),
                (double)(step.Step - first) / inEpoch,
                step.Remaining * ((double)(inEpoch - (step.Step - first)) / Math.Max(1, step.TotalSteps - step.Step))),
        });
    }
}
