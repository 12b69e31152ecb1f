using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Charts;

/// <summary>A table whose cells are coloured by their numbers.</summary>
/// <param name="Caption">What it is.</param>
/// <param name="Corner">What the rows are.</param>
/// <param name="Columns">Headings; the first column sums the others up and has colours of its own.</param>
internal sealed record HeatMap(string Caption, string Corner, IReadOnlyList<string> Columns)
{
    private readonly List<(string Name, IReadOnlyList<double?> Values)> _rows = [];

    /// <summary>How a number is written.</summary>
    public Func<double, string> Format { get; init; } = Figures.Compact;

    /// <summary>Adds a row.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="values">One a column, null where there is none; not negative.</param>
    public void Add(string name, IReadOnlyList<double?> values) => _rows.Add((name, values));

    /// <summary>The table; nothing without rows.</summary>
    public Markup Render()
    {
        if (_rows.Count == 0)
            return default;
        var largest = new[] { Largest(values => values.Take(1)), Largest(values => values.Skip(1)) };
        return Markup.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{Caption}"><table class="heat"><caption>{Caption}</caption>
            <thead><tr><th scope="row">{Corner}</th>{Markup.Join(Columns.Select((column, i) => Markup.Of($"""<th scope="col" class="{(i == 0 ? "sum" : "one")}">{column}</th>""")))}</tr></thead>
            <tbody>{Markup.Each(_rows, row => Row(row.Name, row.Values, largest))}</tbody></table></div>

            """);
    }

    private double Largest(Func<IReadOnlyList<double?>, IEnumerable<double?>> part) => _rows.SelectMany(row => part(row.Values)).Max() ?? 0;

    private Markup Row(string name, IReadOnlyList<double?> values, double[] largest) => Markup.Of(
        $"""<tr><th scope="row">{name}</th>{Markup.Join(values.Select((value, column) => Cell(value, largest[Math.Min(column, 1)], column == 0)))}</tr>""");

    private Markup Cell(double? value, double largest, bool isSum)
    {
        if (value is not { } number)
            return Markup.Of($"""<td class="no{(isSum ? " sum" : "")}">·</td>""");
        var share = largest > 0 ? number / largest : 0;
        return Markup.Of($"""<td class="{(isSum ? "sum" : "one")}" style="--v:{share * 100:0}%">{Format(number)}</td>""");
    }
}
