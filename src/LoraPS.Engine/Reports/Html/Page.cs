using System.Reflection;

namespace LoraPS.Engine.Reports.Html;

/// <summary>A whole page: it needs no other file, no network and no script.</summary>
/// <remarks>A content security policy in it forbids all three, should any text ever get past the encoding.</remarks>
/// <param name="Kind">What it reports on: "Training run".</param>
/// <param name="Title">Its heading.</param>
/// <param name="Subtitle">A line below.</param>
/// <param name="Figures">What matters most, each with a word for it.</param>
/// <param name="Sections">In order; empty ones are left out.</param>
internal sealed record Page(string Kind, string Title, string Subtitle, IReadOnlyList<(string Name, string Value)> Figures, IReadOnlyList<Section> Sections)
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

    private static readonly string Version = typeof(Page).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The page.</summary>
    public string Render()
    {
        var sections = Sections.Where(section => !section.Body.IsEmpty).ToList();
        return Markup.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="LoraPS {Version}">
            <link rel="icon" href="data:,">
            <title>{Title} – {Kind}</title>
            <style>{Stylesheet.Text}</style></head>
            <body><header><p class="kind">{Kind}</p><h1>{Title}</h1><p class="sub">{Subtitle}</p>
            <dl class="figures">{Markup.Each(Figures, figure => Markup.Of($"<div><dt>{figure.Name}</dt><dd>{figure.Value}</dd></div>"))}</dl>
            <nav aria-label="Sections">{Markup.Each(sections, section => Markup.Of($"""<a href="#{section.Id}">{section.Title}</a>"""))}</nav></header>
            <main>{Markup.Each(sections, section => section.Render())}</main>
            <footer>LoraPS {Version}</footer></body></html>

            """).ToString();
    }
}
