namespace LoraPS.Shell;

/// <summary>What the command line asks for.</summary>
public enum ShellRequestKind
{
    /// <summary>Run a script file.</summary>
    File,

    /// <summary>Run the text of a command.</summary>
    Command,

    /// <summary>Print how to call the program.</summary>
    Help,

    /// <summary>Print the version.</summary>
    Version,
}
