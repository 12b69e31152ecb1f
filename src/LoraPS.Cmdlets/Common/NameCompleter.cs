using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LoraPS.Cmdlets.Common;

/// <summary>Completes a parameter with the names that are known when it is typed.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var word = (wordToComplete ?? "").Trim('\'', '"');
        var pattern = WildcardPattern.Get(WildcardPattern.Escape(word) + "*", WildcardOptions.IgnoreCase);
        return Names(fakeBoundParameters).Where(pattern.IsMatch).Select(name => new CompletionResult(Quote(name), name, CompletionResultType.ParameterValue, name));
    }

    /// <summary>All names.</summary>
    /// <param name="parameters">What is known of the other parameters.</param>
    protected abstract IEnumerable<string> Names(IDictionary parameters);

    /// <summary>A name as PowerShell reads it as one word.</summary>
    internal static string Quote(string name) =>
        name.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '\\' or ':') ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
