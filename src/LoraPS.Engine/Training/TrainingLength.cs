namespace LoraPS.Engine.Training;

/// <summary>How many batches, steps and epochs a run has.</summary>
/// <param name="BatchesPerEpoch">Batches in a whole epoch.</param>
/// <param name="Steps">Steps in the run: updates of the weights.</param>
/// <param name="BatchesPerStep">Batches whose gradients are summed for one step; the last step of an epoch may have fewer.</param>
/// <remarks>Counts as sd-scripts does: <see cref="TrainingOptions.MaxTrainEpochs"/> replaces <see cref="TrainingOptions.MaxTrainSteps"/>.</remarks>
public sealed record TrainingLength(int BatchesPerEpoch, int Steps, int BatchesPerStep = 1)
{
    /// <summary>Steps in a whole epoch.</summary>
    public int StepsPerEpoch => (BatchesPerEpoch + BatchesPerStep - 1) / BatchesPerStep;

    /// <summary>Epochs begun in the run; the last may be cut short.</summary>
    public int Epochs => (Steps + StepsPerEpoch - 1) / StepsPerEpoch;

    /// <summary>Counts what the options ask for.</summary>
    /// <param name="options">Steps or epochs, and batches a step.</param>
    /// <param name="batchesPerEpoch">Batches in a whole epoch.</param>
    public static TrainingLength From(TrainingOptions options, int batchesPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(options);
        var length = new TrainingLength(batchesPerEpoch, options.MaxTrainSteps, options.GradientAccumulationSteps);
        return options.MaxTrainEpochs is { } epochs ? length with { Steps = epochs * length.StepsPerEpoch } : length;
    }

    /// <summary>The epoch of a step, from 0.</summary>
    /// <param name="step">Steps done before it.</param>
    public int EpochOf(int step) => step / StepsPerEpoch;

    /// <summary>The places of a step's batches in their epoch, from 0.</summary>
    /// <param name="step">Steps done before it.</param>
    public IEnumerable<int> BatchesOf(int step)
    {
        var first = step % StepsPerEpoch * BatchesPerStep;
        return Enumerable.Range(first, Math.Min(BatchesPerStep, BatchesPerEpoch - first));
    }
}
