using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace LoraPS.Engine.Data.Configuration;

/// <summary>Reads TOML into tables that know where everything stands.</summary>
internal static class TomlConfig
{
    /// <summary>Parses a TOML document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="problems">Takes what is not TOML.</param>
    /// <returns>The tables; null when there are problems.</returns>
    public static ConfigTable? Parse(string text, List<DatasetConfigProblem> problems)
    {
        if (TomlNesting.TooDeepAt(text) is { } place)
        {
            problems.Add(new DatasetConfigProblem(text.AsSpan(0, place).Count('\n') + 1, place - text.LastIndexOf('\n', place), null, $"Brackets are nested more than {TomlNesting.Limit} deep."));
            return null;
        }

        if (Document(text, problems) is not { } document)
            return null;
        if (document.HasErrors)
        {
            problems.AddRange(document.Diagnostics.Where(message => message.Kind == DiagnosticMessageKind.Error).Select(ToProblem));
            return null;
        }

        var root = new ConfigTable(new ConfigPlace(1, 1));
        AddItems(root, document.KeyValues);
        foreach (var table in document.Tables)
            AddItems(Open(root, table), table.Items);
        return root;
    }

    private static DocumentSyntax? Document(string text, List<DatasetConfigProblem> problems)
    {
        try
        {
            return SyntaxParser.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            // The parser stumbles over some damaged texts, such as an escape of half a character, in place of telling of them.
            problems.Add(new DatasetConfigProblem(1, 1, null, $"This is not TOML: {e.Message}"));
            return null;
        }
    }

    private static DatasetConfigProblem ToProblem(DiagnosticMessage message)
    {
        var place = PlaceOf(message.Span);
        return new DatasetConfigProblem(place.Line, place.Column, null, $"This is not TOML: {message.Message}");
    }

    private static ConfigTable Open(ConfigTable root, TableSyntaxBase table)
    {
        var place = PlaceOf(table.Span);
        var names = NamesOf(table.Name!);
        var parent = names.SkipLast(1).Aggregate(root, (parent, name) => parent.Open(name, place));
        return table is TableArraySyntax ? parent.Append(names[^1], place) : parent.Open(names[^1], place);
    }

    private static void AddItems(ConfigTable table, IEnumerable<KeyValueSyntax> items)
    {
        foreach (var item in items)
        {
            var place = PlaceOf(item.Key!.Span);
            var names = NamesOf(item.Key);
            var parent = names.SkipLast(1).Aggregate(table, (parent, name) => parent.Open(name, place));
            parent.Add(names[^1], place, ToValue(item.Value!));
        }
    }

    private static List<string> NamesOf(KeySyntax key) => [NameOf(key.Key!), .. key.DotKeys.Select(dotted => NameOf(dotted.Key!))];

    private static string NameOf(BareKeyOrStringValueSyntax name) => name switch
    {
        StringValueSyntax quoted => quoted.Value!,
        BareKeySyntax bare => bare.Key!.Text!,
        _ => name.ToString(),
    };

    private static ConfigValue ToValue(ValueSyntax value) => new(ContentOf(value), PlaceOf(value.Span), value.ToString().Trim());

    private static object? ContentOf(ValueSyntax value)
    {
        switch (value)
        {
            case BooleanValueSyntax flag:
                return flag.Value;
            case IntegerValueSyntax integer:
                return integer.Value;
            case FloatValueSyntax number:
                return number.Value;
            case StringValueSyntax text:
                return text.Value;
            case ArraySyntax array:
                return array.Items.Select(item => ToValue(item.Value!)).ToList();
            case InlineTableSyntax inline:
                var table = new ConfigTable(PlaceOf(inline.Span));
                AddItems(table, inline.Items.Select(item => item.KeyValue!));
                return table;
            default:
                return null;
        }
    }

    private static ConfigPlace PlaceOf(SourceSpan span) => new(span.Start.Line + 1, span.Start.Column + 1);
}
