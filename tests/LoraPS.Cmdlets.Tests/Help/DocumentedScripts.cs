using System.Text.RegularExpressions;

namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>Finds the PowerShell in texts about the module.</summary>
internal static partial class DocumentedScripts
{
    /// <summary>The about topics.</summary>
    public static IEnumerable<string> Topics => Directory.EnumerateFiles(TestFiles.Repository("module/en-US"), "about_*.help.txt").Order(StringComparer.Ordinal);

    /// <summary>The Markdown files that users read.</summary>
    public static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(TestFiles.Repository("docs"), "*.md").Append(TestFiles.Repository("README.md")).Order(StringComparer.Ordinal);

    /// <summary>The scripts in an about topic: paragraphs indented by eight that begin as PowerShell does.</summary>
    public static IEnumerable<ExampleScript> InTopic(string path) =>
        from block in Blocks().Matches(File.ReadAllText(path).ReplaceLineEndings("\n")).Select(match => match.Value)
        where Beginning().IsMatch(block)
        select new ExampleScript(Path.GetFileName(path), block);

    /// <summary>The blocks of PowerShell in a Markdown file.</summary>
    public static IEnumerable<ExampleScript> InPage(string path) =>
        from match in Fences().Matches(File.ReadAllText(path).ReplaceLineEndings("\n"))
        select new ExampleScript(Path.GetFileName(path), match.Groups["code"].Value);

    [GeneratedRegex(@"(?:^ {8}.*\n)+", RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"^ {8}(\$|if |foreach |[A-Z][A-Za-z]+-[A-Z])")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"^```powershell\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
