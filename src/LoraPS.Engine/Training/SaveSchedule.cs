namespace LoraPS.Engine.Training;

/// <summary>When a run is saved on the way, and which earlier saves go then.</summary>
/// <remarks>
/// As sd-scripts 48d368fa: the last epoch is saved under the finished LoRA's name alone.
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
            yield return Make(step, paths.Step, SaveRetention.OutdatedStep(step, everySteps, options.SaveLastSteps), SaveRetention.OutdatedStep(step, everySteps, options.SaveLastStepStates ?? options.SaveLastSteps));
        var (epoch, rest) = Math.DivRem(step, length.StepsPerEpoch);
        if (rest == 0 && epoch > 0 && epoch < length.Epochs && _everyEpochs is { } every && epoch % every == 0)
            yield return Make(epoch, paths.Epoch, SaveRetention.OutdatedEpoch(epoch, every, options.SaveLastEpochs), SaveRetention.OutdatedEpoch(epoch, every, options.SaveLastEpochStates ?? options.SaveLastEpochs));
    }

    /// <summary>The LoRA files of the run, in the order in which they are written.</summary>
    public IReadOnlyList<string> Outputs() => Enumerable.Range(1, length.Steps).SelectMany(After).Select(point => point.Path).Append(paths.Final).ToArray();

    private static SavePoint Make(int number, Func<int, string> name, int? outdated, int? outdatedState) => new(
        name(number), outdated is { } old ? name(old) : null, outdatedState is { } oldState ? TrainingPaths.StateBeside(name(oldState)) : null);
}
