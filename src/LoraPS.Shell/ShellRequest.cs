namespace LoraPS.Shell;

/// <summary>The command line, understood.</summary>
/// <remarks>
/// The options are those of pwsh, whole or shortened to any length that stays unique. Everything after -File and its
/// script belongs to the script; everything after -Command is the command.
/// </remarks>
/// <param name="Kind">What is asked for.</param>
/// <param name="Text">The script's full path, or the command's text.</param>
/// <param name="Arguments">What follows the script's name.</param>
public sealed record ShellRequest(ShellRequestKind Kind, string Text, IReadOnlyList<string> Arguments)
{
    /// <summary>How to call the program.</summary>
    public const string Usage =
        """
        Usage: LoraPS.Shell [-NoLogo] [-NoProfile] [-NonInteractive] [-File] script.ps1 [arguments ...]
               LoraPS.Shell [-NoLogo] [-NoProfile] [-NonInteractive] -Command text ...
               LoraPS.Shell < script
        Runs PowerShell with the LoraPS module loaded. There is no interactive prompt and there are no profiles.
        """;

    private static readonly string[] Options = ["File", "Command", "NoProfile", "NonInteractive", "NoLogo", "Help", "Version"];

    /// <summary>Understands a command line.</summary>
    /// <param name="arguments">The arguments as the system gives them.</param>
    /// <param name="hasStandardInput">True when standard input is a file or a pipe, which then holds the script if none is named.</param>
    /// <exception cref="ShellUsageException">An option is unknown or lacks its value, or the script does not exist.</exception>
    public static ShellRequest Parse(IReadOnlyList<string> arguments, bool hasStandardInput)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        for (var i = 0; i < arguments.Count; i++)
        {
            string[] rest = [.. arguments.Skip(i + 1)];
            switch (OptionOf(arguments[i]))
            {
                case null:
                    return ForFile([.. arguments.Skip(i)]);
                case "File":
                    return ForFile(rest);
                case "Command":
                    return ForCommand(rest);
                case "Help":
                    return new(ShellRequestKind.Help, "", []);
                case "Version":
                    return new(ShellRequestKind.Version, "", []);
            }
        }

        return hasStandardInput ? ForStandardInput() : throw new ShellUsageException("Nothing to run.");
    }

    private static string? OptionOf(string argument)
    {
        if (argument is "-" || !argument.StartsWith('-'))
            return null;
        var name = argument.TrimStart('-');
        if (name == "?")
            return "Help";
        var matches = Array.FindAll(Options, o => o.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return matches switch
        {
            [var only] => only,
            [] => throw new ShellUsageException($"'{argument}' is not an option."),
            _ => throw new ShellUsageException($"'{argument}' could be any of -{string.Join(", -", matches)}."),
        };
    }

    private static ShellRequest ForFile(string[] words)
    {
        if (words is [])
            throw new ShellUsageException("-File needs the path of a script.");
        if (words is ["-", ..])
            return ForStandardInput();
        var path = Path.GetFullPath(words[0]);
        return File.Exists(path)
            ? new(ShellRequestKind.File, path, words[1..])
            : throw new ShellUsageException($"There is no script '{words[0]}'.");
    }

    private static ShellRequest ForCommand(string[] words) => words switch
    {
        [] => throw new ShellUsageException("-Command needs the text of a command."),
        ["-"] => ForStandardInput(),
        _ => new(ShellRequestKind.Command, string.Join(' ', words), []),
    };

    private static ShellRequest ForStandardInput() => new(ShellRequestKind.Command, Console.In.ReadToEnd(), []);
}
