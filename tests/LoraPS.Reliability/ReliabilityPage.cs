using LoraPS.Engine.Tests;

namespace LoraPS.Reliability;

/// <summary>Puts counts into docs/reliability.md, between the marks of their part.</summary>
internal static class ReliabilityPage
{
    /// <summary>Writes the counts of a part.</summary>
    public static void Write(string part, Counts counts)
    {
        var path = Path.Combine(TestFiles.RepositoryRoot, "docs", "reliability.md");
        var (begin, end) = ($"<!-- counts: {part} -->\n", "\n<!-- end -->");
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var start = text.IndexOf(begin, StringComparison.Ordinal);
        if (start < 0)
            return;
        start += begin.Length;
        // From the line break before it, which is also the end of the line above where there are no counts yet.
        var stop = text.IndexOf(end, start - 1, StringComparison.Ordinal);
        File.WriteAllText(path, $"{text[..start]}{counts.ToMarkdown().ReplaceLineEndings("\n")}{text[stop..]}");
    }
}
