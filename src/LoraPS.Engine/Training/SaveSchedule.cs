namespace LoraPS.Engine.Training;

/// <summary>When a run is saved on the way, and which earlier saves go then.</summary>
/// <remarks>
/// As sd-scripts 48d368fa: the last epoch is saved under the finished LoRA's name alone; keeping the last n epochs counts
/// saves, keeping the last n steps counts steps.
/// </remarks>
/// <param name="options">How often, and how many are kept.</param>
/// <param name="length">Steps and epochs of the run.</param>
/// <param name="paths">Names of the files.</param>
internal sealed class SaveSchedule(TrainingOptions options, TrainingLength length, TrainingPaths paths)
{
    private readonly int? _everyEpochs = options.SaveEpochRatio is { } ratio ? Math.Max(1, length.Epochs / ratio) : options.SaveEveryEpochs;

    /// <summary>What is saved after a step.</summary>
    /// <param name="step">Steps done.</param>
    public IEnumerable<SavePoint> After(int step)
    {
        if (options.SaveEverySteps is { } everySteps && step % everySteps == 0)
            yield return Make(step, paths.Step, OutdatedStep(step, everySteps, options.SaveLastSteps), OutdatedStep(step, everySteps, options.SaveLastStepStates ?? options.SaveLastSteps));
        var (epoch, rest) = Math.DivRem(step, length.StepsPerEpoch);
        if (rest == 0 && epoch > 0 && epoch < length.Epochs && _everyEpochs is { } every && epoch % every == 0)
            yield return Make(epoch, paths.Epoch, OutdatedEpoch(epoch, every, options.SaveLastEpochs), OutdatedEpoch(epoch, every, options.SaveLastEpochStates ?? options.SaveLastEpochs));
    }

    /// <summary>The LoRA files of the run, in the order in which they are written.</summary>
    public IReadOnlyList<string> Outputs() => Enumerable.Range(1, length.Steps).SelectMany(After).Select(point => point.Path).Append(paths.Final).ToArray();

    private static SavePoint Make(int number, Func<int, string> name, int? outdated, int? outdatedState) => new(
        name(number), outdated is > 0 ? name(outdated.Value) : null, outdatedState is > 0 ? TrainingPaths.StateBeside(name(outdatedState.Value)) : null);

    private static int? OutdatedStep(int step, int every, int? last) => (step - last - 1) / every * every;

    private static int? OutdatedEpoch(int epoch, int every, int? last) => epoch - (every * last);
}
