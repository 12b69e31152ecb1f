using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of completers that offer names known to the engine.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <summary>The names.</summary>
    protected abstract IEnumerable<string> Names { get; }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var begun = $"{wordToComplete}".Trim('\'', '"');
        return Names.Where(name => name.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).Select(name => new CompletionResult(Quoted(name)));
    }

    /// <summary>A name as PowerShell reads it as one word.</summary>
    private static string Quoted(string name) => name.All(character => char.IsLetterOrDigit(character) || character is '_' or '-' or '.')
        ? name
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
