namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>docs/tour.md, which examples/tour.ps1 makes by running it.</summary>
public sealed class TourTests
{
    private static readonly string Page = File.ReadAllText(TestFiles.Repository("docs/tour.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Commands_have_their_answers()
    {
        var answers = Page.Split("```text\n").Length - 1;

        Assert.True(answers >= DocumentedScripts.InPage(TestFiles.Repository("docs/tour.md")).Count() - 1, $"{answers} answers");
        foreach (var shown in new[] { "VERBOSE: Train a LoRA", "[Training: step", "toy-zorb", "OUT11" })
            Assert.Contains(shown, Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_tells_where_it_was_made()
    {
        foreach (var place in new[] { Path.GetTempPath(), "/tmp/", "/home/", "/root", ":\\", TestFiles.Repository("") })
            Assert.DoesNotContain(place, Page, StringComparison.Ordinal);
    }
}
