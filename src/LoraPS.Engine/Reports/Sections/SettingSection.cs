using LoraPS.Engine.Reports.Html;

namespace LoraPS.Engine.Reports.Sections;

/// <summary>Names with their values.</summary>
internal static class SettingSection
{
    private const int LongestValue = 400;

    /// <summary>The section; empty without values.</summary>
    public static Section Of(string title, IEnumerable<(string Name, string Value)> settings)
    {
        var rows = Markup.Each(settings.Where(setting => setting.Value.Length > 0), setting => Markup.Of($"<div><dt>{Breakable(setting.Name)}</dt><dd>{LongText.Cut(setting.Value, LongestValue)}</dd></div>"));
        return new("settings", title, rows.IsEmpty ? default : Markup.Of($"""<dl class="pairs">{rows}</dl>"""));
    }

    /// <summary>A name that may be broken where a word of it begins.</summary>
    private static Markup Breakable(string name)
    {
        var starts = Enumerable.Range(1, Math.Max(0, name.Length - 1)).Where(i => char.IsUpper(name[i]) && !char.IsUpper(name[i - 1])).Prepend(0).Append(name.Length).ToList();
        return Markup.Join(starts.Zip(starts.Skip(1), (start, end) => Markup.Of($"{name[start..end]}<wbr>")));
    }
}
