using LoraPS.Engine.Reports.Facts;
using LoraPS.Engine.Reports.Html;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>Pictures made on the way, a strip for each prompt.</summary>
internal static class SampleSection
{
    /// <summary>The section; empty when no picture is there.</summary>
    public static Section Of(TrainingFacts run) =>
        new("samples", "Sample pictures", Markup.Each(SampleChoice.Of(run.History.Samples), row => Strip(row, run.Pictures)));

    private static Markup Strip(SampleChoice row, IReadOnlyDictionary<string, Thumbnail> pictures)
    {
        var shown = Markup.Each(row.Samples.Where(sample => pictures.ContainsKey(sample.Path)), sample => Picture(sample, pictures[sample.Path]));
        var title = row.Prompt.Length > 0 ? row.Prompt : "Without a prompt";
        return shown.IsEmpty ? default : Markup.Of(
            $"""
            <h3>{title}</h3>
            <div class="scroll" tabindex="0" role="region" aria-label="Sample pictures: {title}"><div class="strip">{shown}</div></div>

            """);
    }

    private static Markup Picture(RunSample sample, Thumbnail picture) => Markup.Of(
        $"""<figure><img src="{picture.DataUri}" width="{picture.Width}" height="{picture.Height}" alt="{sample.Prompt}, after step {sample.Step}"><figcaption>step {Figures.Count(sample.Step)}</figcaption></figure>""");
}
