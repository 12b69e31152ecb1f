using System.Management.Automation.Language;

namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>A piece of PowerShell that help or documentation shows: whether it can be understood, and whether it runs.</summary>
/// <param name="Source">Where it stands.</param>
/// <param name="Code">The script.</param>
internal sealed record ExampleScript(string Source, string Code)
{
    /// <summary>Commands that pwsh or the machine has, and the session of the tests has not.</summary>
    private static readonly HashSet<string> Elsewhere = new(StringComparer.OrdinalIgnoreCase) { "dotnet", "Import-Csv", "Measure-Command" };

    /// <summary>What a script needs that is not laid down for it: such a script is only bound.</summary>
    private static readonly string[] NotLaidDown = ["-ResumePath", "Import-Csv"];

    /// <summary>What keeps the script from being understood: syntax, commands that are not there, parameters that do not bind.</summary>
    public IEnumerable<string> Problems(ModuleSession session)
    {
        var script = Parser.ParseInput(Code, out _, out var errors);
        foreach (var error in errors)
            yield return $"{Source}: {error.Message}\n{Code}";
        foreach (var command in script.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>())
        {
            var name = command.GetCommandName();
            if (name is null || (!Elsewhere.Contains(name) && session.Run($"Get-Command {name}").Errors.Count > 0))
                yield return $"{Source}: there is no command {name}\n{Code}";
        }

        foreach (var problem in BindingProblems(session))
            yield return $"{Source}: {problem}";
    }

    /// <summary>Runs it in a folder with files of the names that examples use. Trainings, pictures and installations only tell what they would do.</summary>
    /// <returns>The first error, or null.</returns>
    public string? Run(ModuleSession session)
    {
        if (Array.Exists(NotLaidDown, Code.Contains))
            return null;
        using var folder = new ExampleFolder(Code, session);
        var result = session.Run($"foreach ($name in 'Start-LoraTraining:WhatIf', 'Start-LoraTraining:Force', 'New-LoraImage:WhatIf', 'Install-LoraRuntime:WhatIf') {{ $PSDefaultParameterValues[$name] = $true }}\n{Code}", folder.Files);
        var error = result.Terminating ?? (result.Errors.Count > 0 ? result.Errors[0] : null);
        return error is null ? null : $"{Source}: {error}\n{Code}";
    }

    private List<string> BindingProblems(ModuleSession session)
    {
        using var bound = session.Prepare("""
            param($code)
            $script = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $null)
            foreach ($command in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                $result = [System.Management.Automation.Language.StaticParameterBinder]::BindCommand($command, $true)
                foreach ($problem in $result.BindingExceptions.Values) { "$command`: $($problem.BindingException.Message)" }
            }
            """);
        bound.AddParameter("code", Code);
        return [.. bound.Invoke().Select(problem => $"{problem}")];
    }
}
