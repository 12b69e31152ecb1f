using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>The page of a training run.</summary>
internal static class TrainingPage
{
    /// <summary>The page.</summary>
    public static Page Of(TrainingFacts run) => new(
        "Training run", run.Name, Subtitle(run.History), [.. KeyFigures(run).Where(figure => figure.Value.Length > 0)],
        [
            Warnings(run.History),
            CurveSection.Of(run.History),
            SampleSection.Of(run),
            WeightSection.Of(run.Lora),
            DatasetSection.Of(run),
            SettingSection.Of("Settings", run.History.Settings.Select(setting => (setting.Key, setting.Value))),
            FileSection.Of(run.Files),
            MetadataSection.Of(run.Lora?.File.Metadata ?? new Dictionary<string, string>()),
        ]);

    private static string Subtitle(RunHistory run)
    {
        var time = Figures.Duration(run.Points.Sum(point => double.IsFinite(point.Seconds) ? point.Seconds : 0));
        var begun = run.StartedAt.Length >= 16 ? $", begun {run.StartedAt[..10]} {run.StartedAt[11..16]} UTC" : "";
        var ended = run.End switch
        {
            { Outcome: "finished" } => "Finished",
            { Outcome: "failed" } failed => $"Failed: {failed.Message}",
            { } stopped => $"Stopped after step {Figures.Count(Done(run))} of {Figures.Count(run.Steps)}",
            null when run.Points.Count == 0 => "No log was kept of this run",
            null => $"Not finished: {Figures.Count(Done(run))} of {Figures.Count(run.Steps)} steps are in the log",
        };
        return run.Points.Count == 0 ? ended : $"{ended}; {time} in steps{begun}";
    }

    private static int Done(RunHistory run) => run.Points.Count == 0 ? 0 : run.Points[^1].Step;

    private static IEnumerable<(string Name, string Value)> KeyFigures(TrainingFacts run)
    {
        var history = run.History;
        var losses = history.Points.Select(point => point.Loss).Where(double.IsFinite).ToList();
        var perEpoch = Math.Max(1, history.Epochs > 0 ? history.Steps / history.Epochs : 1);
        return
        [
            ("Steps", history.Points.Count > 0 ? Figures.Count(Done(history)) : ""),
            ("Epochs", history.Epochs > 0 ? Figures.Count(history.Epochs) : ""),
            ("Loss, last epoch", losses.Count > 0 ? Figures.Number(losses.TakeLast(perEpoch).Average()) : ""),
            ("Validation loss", history.Validations.Count > 0 ? Figures.Number(history.Validations[^1].Loss) : ""),
            ("Pictures", history.Pictures.Count > 0 ? Figures.Count(history.Pictures.Count) : ""),
            ("Seconds a step", history.Points.Count > 0 ? Figures.Number(Median(history.Points)) : ""),
            ("Seed", history.Points.Count > 0 ? $"{history.Seed}" : ""),
            .. LoraPage.KeyFigures(run.Lora),
        ];
    }

    private static double Median(IReadOnlyList<RunPoint> points) => points.Select(point => point.Seconds).Order().ElementAt(points.Count / 2);

    private static Section Warnings(RunHistory run) =>
        new("warnings", "Warnings", Markup.Each(run.Warnings, warning => Markup.Of($"""<p class="warn">{LongText.Cut(warning, 1000)}</p>""")));
}
