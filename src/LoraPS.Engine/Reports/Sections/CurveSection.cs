using LoraPS.Engine.Reports.Charts;
using LoraPS.Engine.Reports.Html;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>Loss, learning rate and gradient norm over the steps of a run.</summary>
internal static class CurveSection
{
    /// <summary>The section; empty without a step.</summary>
    public static Section Of(RunHistory run)
    {
        var x = Axis.Exactly(0, Math.Max(run.Points.Count == 0 ? 0 : run.Points[^1].Step, run.End is null ? run.Steps : 0));
        var charts = Markup.Join([Loss(run, x), LearningRate(run, x), Gradient(run, x)]);
        return new("curves", "Curves", charts.IsEmpty ? default : Markup.Of($"""<div class="charts">{charts}</div>{Missing(run)}"""));
    }

    private static Markup Loss(RunHistory run, Axis x)
    {
        var raw = Points(run, point => point.Loss);
        if (raw.Count == 0)
            return default;
        var smooth = Curve.Smooth(raw);
        var series = new List<ChartSeries>
        {
            new("each step", "faint", Curve.Reduce(raw)),
            new($"smoothed over about {Curve.SpanOf(raw.Count)} steps", "main", Curve.Reduce(smooth)),
        };
        var validation = run.Validations.Where(measured => double.IsFinite(measured.Loss)).Select(measured => new CurvePoint(measured.Step, measured.Loss)).ToList();
        if (validation.Count > 0)
        {
            series.Add(new("validation", "second", Curve.Reduce(validation)));
            if (validation.Count <= 60)
                series.Add(new("", ChartSeries.Dots, validation));
        }

        return new LineChart("loss", "Loss", "step", "loss", series)
        {
            X = x,
            IsWide = true,
            Description = $"The smoothed loss goes from {Figures.Number(smooth[0].Y)} at step {raw[0].X} to {Figures.Number(smooth[^1].Y)} at step {raw[^1].X}."
                + (validation.Count > 0 ? $" On validation pictures it goes from {Figures.Number(validation[0].Y)} to {Figures.Number(validation[^1].Y)}." : ""),
        }.Render();
    }

    private static Markup LearningRate(RunHistory run, Axis x) => Single(
        "rate", "Learning rate", "learning rate", "main", Points(run, point => point.LearningRate), x);

    private static Markup Gradient(RunHistory run, Axis x) => Single(
        "gradient", "Gradient norm before clipping", "norm", "thin", Points(run, point => point.GradientNorm), x);

    private static Markup Single(string id, string title, string label, string style, IReadOnlyList<CurvePoint> points, Axis x) => points.Count == 0 ? default :
        new LineChart(id, title, "step", label, [new(title, style, Curve.Reduce(points))])
        {
            X = x,
            Description = $"From {Figures.Number(points[0].Y)} at step {points[0].X} to {Figures.Number(points[^1].Y)} at step {points[^1].X}; the largest is {Figures.Number(points.Max(point => point.Y))}.",
        }.Render();

    private static Markup Missing(RunHistory run)
    {
        var lost = run.Points.Count(point => !double.IsFinite(point.Loss));
        return lost == 0 ? default : Markup.Of($"""<p class="note">{Figures.Plural(lost, "step has", "steps have")} a loss that is no finite number and cannot be drawn.</p>""");
    }

    private static IReadOnlyList<CurvePoint> Points(RunHistory run, Func<RunPoint, double> value) =>
        [.. run.Points.Select(point => new CurvePoint(point.Step, value(point))).Where(point => double.IsFinite(point.Y))];
}
