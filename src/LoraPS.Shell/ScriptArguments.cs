using System.Management.Automation.Runspaces;

namespace LoraPS.Shell;

/// <summary>Turns the words after a script's name into its arguments, as pwsh -File does.</summary>
public static class ScriptArguments
{
    /// <summary>Reads <c>-Name value</c>, <c>-Name:value</c> and plain words.</summary>
    /// <remarks>Words are strings, save <c>-Name:$true</c> and <c>-Name:$false</c>, which set a switch.</remarks>
    /// <param name="words">The words.</param>
    public static IEnumerable<CommandParameter> Parse(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return words.Select(Parse);
    }

    private static CommandParameter Parse(string word)
    {
        // A number such as -1 is a value.
        if (word.Length < 2 || word[0] != '-' || !char.IsLetter(word[1]))
            return new CommandParameter(null, word);
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new CommandParameter(word)
            : new CommandParameter(word[1..colon], Value(word[(colon + 1)..]));
    }

    private static object Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };
}
