using System.Text;

namespace LoraPS.Reliability;

/// <summary>What was tried, how often, and what came of it.</summary>
/// <param name="columns">Heads of the table.</param>
internal sealed class Counts(params string[] columns)
{
    private readonly List<object[]> _rows = [];

    /// <summary>Promises that were not kept, each with what is needed to see it again.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Adds a row.</summary>
    public void Add(params object[] cells) => _rows.Add(cells);

    /// <summary>Adds the rows and failures of other counts.</summary>
    public void Add(Counts other)
    {
        _rows.AddRange(other._rows);
        Failures.AddRange(other.Failures);
    }

    /// <summary>The table, and the failures below it.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"| {string.Join(" | ", columns)} |").AppendLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
        foreach (var row in _rows)
            text.AppendLine($"| {string.Join(" | ", row.Select(Cell))} |");
        text.AppendLine().Append(Failures.Count == 0 ? "No promise was broken." : $"{Failures.Count} times a promise was broken:");
        foreach (var failure in Failures)
            text.AppendLine().Append("- ").Append(failure.ReplaceLineEndings(" "));
        return text.ToString();
    }

    private static string Cell(object value) => value is int or long ? $"{value:N0}" : value.ToString()!;
}
