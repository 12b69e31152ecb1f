using System.Management.Automation;
using System.Management.Automation.Language;

namespace LoraPS.Cmdlets.Tests;

/// <summary>Help as Get-Help gives it.</summary>
public sealed class HelpTests : IDisposable
{
    private const int Examples = 2;

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

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
            var codes = Codes(command);
            Assert.True(codes.Count >= Examples, $"{command} has {codes.Count} examples.");
            Assert.All(codes, code => Assert.Contains(command, code, StringComparison.Ordinal));
            Assert.Empty(codes.SelectMany(Problems));
        }
    }

    /// <summary>In a folder with files of the names that examples use. Trainings and pictures only tell what they would do.</summary>
    [Fact]
    public void Examples_run()
    {
        string[] commands = [.. _session.Run("(Get-Command -Module LoraPS).Name").Lines];
        var failures = commands.SelectMany(command => Codes(command).Select(code => (command, code, Error: RunExample(code)))).Where(example => example.Error is not null);

        var told = string.Join("\n\n", failures.Select(example => $"{example.command}: {example.code}\n{example.Error}"));
        Assert.True(told.Length == 0, told);
    }

    [Fact]
    public void There_is_a_text_about_the_module()
    {
        var text = _session.Run("Get-Help about_LoraPS").Single();

        Assert.Contains("SHORT DESCRIPTION", $"{text}", StringComparison.Ordinal);
        Assert.All(File.ReadLines(TestFiles.Repository("module/en-US/about_LoraPS.help.txt")), line => Assert.InRange(line.Length, 0, 80));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private List<string> Codes(string command) => [.. _session.Run($"(Get-Help {command} -Full).examples.example.code").Lines];

    /// <summary>What keeps an example from being understood: syntax, commands that are not there, parameters that do not bind.</summary>
    private IEnumerable<string> Problems(string code)
    {
        var script = Parser.ParseInput(code, out _, out var errors);
        foreach (var error in errors)
            yield return $"{code}: {error.Message}";
        foreach (var command in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
        {
            var name = command.GetCommandName();
            if (name is null || _session.Run($"Get-Command {name}").Errors.Count > 0)
                yield return $"{code}: there is no command {name}";
        }

        using var bound = _session.Prepare("""
            param($code)
            $script = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $null)
            foreach ($command in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $result = [System.Management.Automation.Language.StaticParameterBinder]::BindCommand($command, $true)
                foreach ($problem in $result.BindingExceptions.Values) { "$command`: $($problem.BindingException.Message)" }
            }
            """);
        bound.AddParameter("code", code);
        foreach (var problem in bound.Invoke())
            yield return $"{problem}";
    }

    private string? RunExample(string code)
    {
        using var folder = new TemporaryFolder();
        CopyFolder(TestFiles.Images, folder.File("photos"));
        CopyFolder(TestFiles.TinyModel, folder.File("sd15"));
        Directory.CreateDirectory(folder.File("small"));
        folder.Copy(TestFiles.Lora("A"), "cat.safetensors");
        folder.Copy(TestFiles.Lora("B"), "style.safetensors");
        folder.Copy(TestFiles.DyLora, "dylora.safetensors");
        File.WriteAllText(folder.File("dataset.toml"), "[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = 'photos'\ncaption_extension = '.txt'\n");
        if (code.Contains("sd15.safetensors", StringComparison.Ordinal))
            folder.Copy(TestFiles.Checkpoint, "sd15.safetensors");
        if (code.Contains("tuned.safetensors", StringComparison.Ordinal))
            _session.Run("[void] (Merge-Lora ./cat.safetensors -Model ./sd15.safetensors -DestinationPath ./tuned.safetensors)", folder).AssertNoErrors();
        var result = _session.Run($"$PSDefaultParameterValues['Start-LoraTraining:WhatIf'] = $PSDefaultParameterValues['New-LoraImage:WhatIf'] = $true\n{code}", folder);
        return result.Terminating?.ToString() ?? (result.Errors.Count > 0 ? $"{result.Errors[0]}" : null);
    }

    private static void CopyFolder(string source, string destination)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(destination, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
