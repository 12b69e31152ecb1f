using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>All that a file says of itself.</summary>
internal static class MetadataSection
{
    private const int LongestValue = 4000;
    private const int LongestName = 200;
    private const int MostEntries = 500;
    private const int MostTags = 40;

    /// <summary>The section; empty for a file that says nothing.</summary>
    public static Section Of(IReadOnlyDictionary<string, string> metadata)
    {
        var table = new Table("Metadata", "Key%", "Value%");
        foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Take(MostEntries))
            table.Add(Markup.Of($"<code>{LongText.Cut(key, LongestName)}</code>"), Markup.Of($"<pre>{LongText.Cut(value, LongestValue)}</pre>"));
        return new("metadata", "Metadata", table.IsEmpty ? default : Markup.Of($"<details><summary>{Figures.Plural(metadata.Count, "entry", "entries")}</summary>{table.Render()}</details>"));
    }

    /// <summary>Trigger words and the tags of captions; empty for a file that names none.</summary>
    public static Section Tags(Lora.LoraFile file)
    {
        var counts = new Formats.LoraMetadata(file.Metadata).TagFrequency();
        var phrases = file.TriggerWords.Where(word => !counts.Any(tag => tag.Key == word)).Select(word => Markup.Of($"<li><b>{LongText.Cut(word, LongestName)}</b></li>"));
        var tags = counts.Take(MostTags).Select(tag => Markup.Of($"<li>{LongText.Cut(tag.Key, LongestName)} <small>{Figures.Count(tag.Value)}</small></li>"));
        var all = Markup.Join([.. phrases, .. tags]);
        var left = counts.Count - MostTags;
        return new("words", "Trigger words", all.IsEmpty ? default : Markup.Of(
            $"""<ul class="tags">{all}</ul>{(left > 0 ? Markup.Of($"""<p class="note">{Figures.Plural(left, "rarer tag is", "rarer tags are")} not shown.</p>""") : default)}"""));
    }
}
