using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Charts;

/// <summary>Counts with bars beside them.</summary>
internal static class BarTable
{
    /// <summary>The table; nothing without rows.</summary>
    /// <param name="caption">What it is.</param>
    /// <param name="name">Heading of the names.</param>
    /// <param name="count">Heading of the numbers.</param>
    /// <param name="rows">Names and numbers, in order.</param>
    public static Markup Render(string caption, string name, string count, IReadOnlyList<(string Name, long Count)> rows)
    {
        if (rows.Count == 0)
            return default;
        var largest = Math.Max(1, rows.Max(row => row.Count));
        return Markup.Of(
            $"""
            <div class="scroll counts" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>
            <thead><tr><th scope="col">{name}</th><th scope="col" class="n">{count}</th><td></td></tr></thead>
            <tbody>{Markup.Each(rows, row => Markup.Of($"""<tr><td class="t">{row.Name}</td><td class="n">{Figures.Count(row.Count)}</td><td class="bars"><span class="bar" style="width:{100.0 * row.Count / largest:0.#}%"></span></td></tr>"""))}</tbody></table></div>

            """);
    }
}
