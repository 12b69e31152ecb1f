namespace LoraPS.Engine.Reports.Html;

/// <summary>A part of a page with a heading.</summary>
/// <param name="Id">Its name in the page's address.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">What it holds; a section that holds nothing is left out.</param>
internal sealed record Section(string Id, string Title, Markup Body)
{
    /// <summary>The section.</summary>
    public Markup Render() => Markup.Of(
        $"""
        <section aria-labelledby="{Id}"><h2 id="{Id}">{Title}</h2>
        {Body}</section>

        """);
}
