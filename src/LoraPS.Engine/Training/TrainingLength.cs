namespace LoraPS.Engine.Training;

/// <summary>How many batches, steps and epochs a run has. One batch is one step.</summary>
/// <param name="BatchesPerEpoch">Batches in a whole epoch.</param>
/// <param name="Steps">Steps in the run.</param>
/// <remarks>Counts as sd-scripts does: <see cref="TrainingOptions.MaxTrainEpochs"/> replaces <see cref="TrainingOptions.MaxTrainSteps"/>.</remarks>
public sealed record TrainingLength(int BatchesPerEpoch, int Steps)
{
    /// <summary>Epochs begun in the run; the last may be cut short.</summary>
    public int Epochs => (Steps + BatchesPerEpoch - 1) / BatchesPerEpoch;

    /// <summary>Counts what the options ask for.</summary>
    /// <param name="options">Steps or epochs.</param>
    /// <param name="batchesPerEpoch">Batches in a whole epoch.</param>
    public static TrainingLength From(TrainingOptions options, int batchesPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(batchesPerEpoch, options.MaxTrainEpochs * batchesPerEpoch ?? options.MaxTrainSteps);
    }

    /// <summary>The epoch of a step, from 0.</summary>
    /// <param name="step">Steps done before it.</param>
    public int EpochOf(int step) => step / BatchesPerEpoch;

    /// <summary>The place of a step's batch in its epoch, from 0.</summary>
    /// <param name="step">Steps done before it.</param>
    public int BatchOf(int step) => step % BatchesPerEpoch;

    /// <summary>The epochs after which a run is saved on the way: every so many, but never the last, whose result is the finished LoRA.</summary>
    /// <param name="options">How often.</param>
    /// <param name="step">Steps done already.</param>
    /// <returns>Numbers of epochs, from 1, in order.</returns>
    public IEnumerable<int> EpochsToSave(TrainingOptions options, int step = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.SaveEveryEpochs is { } every
            ? Enumerable.Range(1, Epochs - 1).Where(epoch => epoch % every == 0 && epoch * BatchesPerEpoch > step)
            : [];
    }
}
