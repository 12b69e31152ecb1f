using System.Management.Automation;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of all commands: paths as PowerShell means them, and errors as PowerShell shows them.</summary>
public abstract class EngineCmdlet : PSCmdlet
{
    /// <summary>The full path of a file that is named literally and need not exist.</summary>
    /// <param name="path">A path of the file system, relative to the current location.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    protected string ResolveLiteralPath(string path) => FileSystemPaths.ResolveLiteral(SessionState, path);

    /// <summary>The full paths of a command that has both <c>-Path</c> and <c>-LiteralPath</c>.</summary>
    /// <param name="paths">Paths with wildcards.</param>
    /// <param name="literalPaths">Paths without.</param>
    /// <exception cref="PSArgumentException">A path is not one of the file system.</exception>
    protected IEnumerable<string> ResolvePaths(string[] paths, string[] literalPaths) =>
        [.. paths.SelectMany(path => FileSystemPaths.Resolve(SessionState, path)), .. literalPaths.Select(ResolveLiteralPath)];

    /// <summary>The full path of a result: the destination, or in a folder that exists the name of the source.</summary>
    /// <param name="destination">What the user gave.</param>
    /// <param name="source">The file the result is made of.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    protected string ResolveDestination(string destination, string source)
    {
        var full = ResolveLiteralPath(destination);
        return Directory.Exists(full) ? Path.Combine(full, Path.GetFileName(source)) : full;
    }

    /// <summary>Ends the command with an error of the engine.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="target">What the command was working on.</param>
    protected void ThrowEngineError(Exception exception, object? target)
    {
        var error = EngineErrors.ToErrorRecord(exception, target);
        // A terminating error ends the statement only; it is WriteError that lets -ErrorAction Stop end the script.
        if (MyInvocation.BoundParameters.TryGetValue("ErrorAction", out var action) && $"{action}" == nameof(ActionPreference.Stop))
            WriteError(error);
        ThrowTerminatingError(error);
    }

    /// <summary>Tells of an error with one of many inputs; the command goes on with the next.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="target">What the command was working on.</param>
    protected void WriteEngineError(Exception exception, object? target) =>
        WriteError(EngineErrors.ToErrorRecord(exception, target));

    /// <summary>Warns although the pipeline is being stopped, when WriteWarning only ends the command.</summary>
    /// <param name="message">The warning.</param>
    protected void WarnWhileStopping(string message) => Host.UI?.WriteWarningLine(message);
}
