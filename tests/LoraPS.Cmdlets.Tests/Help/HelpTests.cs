using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>Help as Get-Help gives it, and the scripts in about topics and documentation.</summary>
public sealed class HelpTests : IDisposable
{
    private const int Examples = 2;
    private const int Width = 80;

    private readonly ModuleSession _session = new();

    /// <summary>Names of the about topics.</summary>
    public static TheoryData<string> TopicNames => [.. DocumentedScripts.Topics.Select(path => Path.GetFileName(path).Replace(".help.txt", "", StringComparison.Ordinal))];

    [Fact]
    public void Every_command_and_every_parameter_is_described()
    {
        var lacking = _session.Run("""
            $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
            foreach ($command in Get-Command -Module LoraPS) {
                $help = Get-Help $command.Name -Full
                if (-not "$($help.Synopsis)".Trim() -or "$($help.Synopsis)" -match "^\s*$command") { "$command has no synopsis" }
                if (-not "$($help.Description.Text)".Trim()) { "$command has no description" }
                if (-not $help.syntax.syntaxItem) { "$command has no syntax" }
                $topics = [regex]::Matches("$($help.Description.Text)", 'about_\w+').Value
                if (-not $topics) { "$command names no topic" }
                foreach ($topic in $topics) { if (-not (Get-Help $topic)) { "$command names $topic, which is not there" } }
                if ($command.Parameters.ContainsKey('WhatIf') -and 'WhatIf' -notin $help.parameters.parameter.name) { "$command hides -WhatIf" }
                $described = @{}
                foreach ($parameter in $help.parameters.parameter) { $described[$parameter.name] = "$($parameter.description.Text)".Trim() }
                foreach ($name in $command.Parameters.Keys) {
                    if ($name -notin $common -and -not $described[$name]) { "$command -$name is not described" }
                }
            }
            """);

        lacking.AssertNoErrors();
        Assert.Empty(lacking.Lines);
    }

    [Fact]
    public void Every_command_has_examples_that_bind()
    {
        foreach (var command in _session.Run("Get-Command -Module LoraPS").Output.Select(o => ((CommandInfo)o.BaseObject).Name))
        {
            var examples = ExamplesOf(command);
            Assert.True(examples.Count >= Examples, $"{command} has {examples.Count} examples.");
            Assert.All(examples, example => Assert.Contains(command, example.Code, StringComparison.Ordinal));
            Assert.Empty(examples.SelectMany(example => example.Problems(_session)));
        }
    }

    [Fact]
    public void Examples_run()
    {
        string[] commands = [.. _session.Run("(Get-Command -Module LoraPS).Name").Lines];

        AssertNone(commands.SelectMany(ExamplesOf).Select(example => example.Run(_session)).OfType<string>());
    }

    [Theory]
    [MemberData(nameof(TopicNames))]
    public void A_topic_is_found_and_fits_a_screen(string topic)
    {
        var text = $"{_session.Run($"Get-Help {topic}").Single()}";

        Assert.StartsWith($"TOPIC\n    {topic}\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("SHORT DESCRIPTION", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Width));
    }

    [Theory]
    [MemberData(nameof(TopicNames))]
    public void Scripts_in_a_topic_bind_and_run(string topic)
    {
        var scripts = DocumentedScripts.InTopic(TestFiles.Repository($"module/en-US/{topic}.help.txt")).ToList();

        Assert.NotEmpty(scripts);
        AssertNone(scripts.SelectMany(script => script.Problems(_session)));
        AssertNone(scripts.Select(script => script.Run(_session)).OfType<string>());
    }

    [Fact]
    public void Scripts_in_the_documentation_bind()
    {
        var scripts = DocumentedScripts.Pages.SelectMany(DocumentedScripts.InPage).ToList();

        Assert.NotEmpty(scripts);
        AssertNone(scripts.SelectMany(script => script.Problems(_session)));
    }

    public void Dispose() => _session.Dispose();

    private static void AssertNone(IEnumerable<string> problems)
    {
        var told = string.Join("\n\n", problems);
        Assert.True(told.Length == 0, told);
    }

    private List<ExampleScript> ExamplesOf(string command) =>
        [.. _session.Run($"(Get-Help {command} -Full).examples.example.code").Lines.Select(code => new ExampleScript(command, code))];
}
