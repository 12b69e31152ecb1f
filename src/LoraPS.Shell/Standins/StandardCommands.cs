using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace LoraPS.Shell.Standins;

/// <summary>
/// Stand-ins for the standard cmdlets that PowerShell's engine, taken alone, does not have: Microsoft.PowerShell.Utility
/// and Microsoft.PowerShell.Management come only with pwsh.
/// </summary>
/// <remarks>
/// They cover what the examples and tests use, with the names, parameters and meaning of the originals, and exist in this
/// shell only. Most are functions (Standins.ps1), global rather than in a module so that the caller's preference
/// variables, such as $ErrorActionPreference, hold in them as they do in a cmdlet.
/// </remarks>
public static class StandardCommands
{
    /// <summary>Adds the stand-ins to a session state.</summary>
    public static void AddTo(InitialSessionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        AddCmdlet<FormatTableCommand>(state, "Format-Table");
        AddCmdlet<FormatListCommand>(state, "Format-List");
        AddCmdlet<OutStringCommand>(state, "Out-String");
        AddCmdlet<SelectObjectCommand>(state, "Select-Object");
        AddCmdlet<SortObjectCommand>(state, "Sort-Object");
        foreach (var (name, body) in Functions())
            state.Commands.Add(new SessionStateFunctionEntry(name, body));
    }

    private static void AddCmdlet<T>(InitialSessionState state, string name) where T : Cmdlet =>
        state.Commands.Add(new SessionStateCmdletEntry(name, typeof(T), helpFileName: null));

    private static IEnumerable<(string Name, string Body)> Functions()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Standins", "Standins.ps1");
        var script = Parser.ParseFile(path, out _, out var errors);
        if (errors is not [])
            throw new ParseException(errors);
        return from function in script.EndBlock.Statements.OfType<FunctionDefinitionAst>()
               select (function.Name, function.Body.Extent.Text[1..^1]);
    }
}
