using System.Text.RegularExpressions;

namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>The tables of about_LoraPS_Migration.</summary>
internal static partial class MigrationTopic
{
    /// <summary>A line of a table: an option of a script and what it is here.</summary>
    /// <param name="Script">The script, such as merge_lora.py.</param>
    /// <param name="Command">The command that does the same.</param>
    /// <param name="Option">The option without its dashes.</param>
    /// <param name="Text">What stands beside it.</param>
    public sealed record Line(string Script, string Command, string Option, string Text)
    {
        /// <summary>The parameters that are named.</summary>
        public IEnumerable<string> Parameters => ParameterNames().Matches(Text).Select(match => match.Groups[1].Value);

        /// <summary>The parameter that is the option, or null.</summary>
        public string? Parameter => Text.StartsWith('-') ? Parameters.First() : null;
    }

    /// <summary>All lines.</summary>
    public static IReadOnlyList<Line> Read()
    {
        var lines = new List<Line>();
        var (script, command) = ("", "");
        foreach (var text in File.ReadLines(TestFiles.Repository("module/en-US/about_LoraPS_Migration.help.txt")))
        {
            if (Heading().Match(text) is { Success: true } heading)
                (script, command) = (heading.Groups[1].Value.ToLowerInvariant(), heading.Groups[2].Value);
            else if (Entry().Match(text) is { Success: true } entry)
                lines.Add(new(script, command, entry.Groups[1].Value, entry.Groups[2].Value));
            else if (Continuation().Match(text) is { Success: true } more)
                lines[^1] = lines[^1] with { Text = $"{lines[^1].Text} {more.Groups[1].Value}" };
        }

        return lines;
    }

    [GeneratedRegex(@"^  ([A-Z_]+\.PY): .* \((\w+-\w+)\)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^    --(\w+)\s+(\S.*)$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^ {40}(\S.*)$")]
    private static partial Regex Continuation();

    [GeneratedRegex(@"(?<![\w-])-([A-Z]\w+)")]
    private static partial Regex ParameterNames();
}
