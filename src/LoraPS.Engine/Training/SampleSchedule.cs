namespace LoraPS.Engine.Training;

/// <summary>When a run makes sample pictures, and which files they are.</summary>
/// <remarks>Other than in sd-scripts 48d368fa, where epochs are given, steps count too.</remarks>
/// <param name="options">How often.</param>
/// <param name="length">Steps and epochs of the run.</param>
/// <param name="paths">Names of the files.</param>
internal sealed class SampleSchedule(SampleOptions options, TrainingLength length, TrainingPaths paths)
{
    /// <summary>Whether pictures are made after a step.</summary>
    /// <param name="step">Steps done; 0 before the first.</param>
    public bool IsDue(int step)
    {
        if (options.Prompts.Count == 0)
            return false;
        if (step == 0)
            return options.AtFirst;
        var epochs = length.EpochOf(step - 1) + 1;
        var isEpochEnd = step % length.StepsPerEpoch == 0 || step == length.Steps;
        return step % options.EverySteps == 0 || (isEpochEnd && epochs % options.EveryEpochs == 0);
    }

    /// <summary>The pictures of the run.</summary>
    public IReadOnlyList<string> Outputs() =>
        [.. Enumerable.Range(0, length.Steps + 1).Where(IsDue).SelectMany(step => options.Prompts.Select((_, index) => paths.Sample(step, index)))];
}
