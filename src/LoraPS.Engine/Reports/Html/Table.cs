namespace LoraPS.Engine.Reports.Html;

/// <summary>A table that scrolls by itself where the page is narrow.</summary>
internal sealed class Table
{
    private readonly Markup[] _columns;
    private readonly string[] _classes;
    private readonly List<Markup> _rows = [];

    /// <param name="caption">What it is, for those who hear the page.</param>
    /// <param name="columns">Headings; one that ends with # holds numbers, one with % long words.</param>
    public Table(string caption, params string[] columns)
    {
        Caption = caption;
        _classes = [.. columns.Select(column => column[^1] switch { '#' => "n", '%' => "w", _ => "t" })];
        _columns = [.. columns.Select((column, i) => Markup.Of($"""<th scope="col" class="{_classes[i]}">{column.TrimEnd('#', '%')}</th>"""))];
    }

    /// <summary>What it is.</summary>
    public string Caption { get; }

    /// <summary>True without rows.</summary>
    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One a column.</param>
    public void Add(params ReadOnlySpan<Markup> cells)
    {
        var row = new List<Markup>(cells.Length);
        for (var i = 0; i < cells.Length; i++)
            row.Add(Markup.Of($"""<td class="{_classes[i]}">{cells[i]}</td>"""));
        _rows.Add(Markup.Of($"<tr>{Markup.Join(row)}</tr>"));
    }

    /// <summary>The table; nothing without rows.</summary>
    public Markup Render() => IsEmpty ? default : Markup.Of(
        $"""
        <div class="scroll" tabindex="0" role="region" aria-label="{Caption}"><table><caption>{Caption}</caption>
        <thead><tr>{Markup.Join(_columns)}</tr></thead>
        <tbody>{Markup.Join(_rows)}</tbody></table></div>

        """);
}
