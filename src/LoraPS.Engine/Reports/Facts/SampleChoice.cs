using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Facts;

/// <summary>The pictures made for one prompt, in the order of steps.</summary>
/// <param name="Prompt">What they should show.</param>
/// <param name="Samples">The pictures.</param>
internal sealed record SampleChoice(string Prompt, IReadOnlyList<RunSample> Samples)
{
    private const int MostPrompts = 8;
    private const int MostMoments = 12;

    /// <summary>Of the pictures of a run those that are shown: of so many prompts, at so many moments evenly over the run, the first and the last among them.</summary>
    public static IReadOnlyList<SampleChoice> Of(IReadOnlyList<RunSample> samples)
    {
        // Several pictures of one prompt at one step are told apart by their place in the log.
        var placed = samples.GroupBy(sample => (sample.Step, sample.Prompt))
            .SelectMany(same => same.Select((sample, number) => (sample, number)))
            .GroupBy(item => (item.sample.Prompt, item.number), item => item.sample);
        return [.. placed.Take(MostPrompts).Select(row => new SampleChoice(row.Key.Prompt, Evenly([.. row.OrderBy(sample => sample.Step)])))];
    }

    private static IReadOnlyList<RunSample> Evenly(IReadOnlyList<RunSample> samples) => samples.Count <= MostMoments
        ? samples
        : [.. Enumerable.Range(0, MostMoments).Select(i => samples[(int)Math.Round((double)i * (samples.Count - 1) / (MostMoments - 1))])];
}
