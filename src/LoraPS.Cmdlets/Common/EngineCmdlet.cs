using System.Management.Automation;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of all commands: paths as PowerShell means them, and errors as PowerShell shows them.</summary>
public abstract class EngineCmdlet : PSCmdlet
{
    private const string FileSystem = "FileSystem";

    /// <summary>The full path of a file that is named literally and need not exist.</summary>
    /// <param name="path">A path of the file system, relative to the current location.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    protected string ResolveLiteralPath(string path)
    {
        var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return OnFileSystem(full, path, provider);
    }

    /// <summary>The full paths that a path with wildcards stands for.</summary>
    /// <remarks>A path without wildcards that does not exist is given back too, so that the engine says what it misses.</remarks>
    /// <param name="path">A path of the file system, relative to the current location.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    private IReadOnlyList<string> ResolvePath(string path)
    {
        try
        {
            var found = SessionState.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
            return [.. found.Select(full => OnFileSystem(full, path, provider))];
        }
        catch (ItemNotFoundException)
        {
            return [ResolveLiteralPath(path)];
        }
    }

    /// <summary>The full paths of a command that has both <c>-Path</c> and <c>-LiteralPath</c>.</summary>
    /// <param name="paths">Paths with wildcards.</param>
    /// <param name="literalPaths">Paths without.</param>
    /// <exception cref="PSArgumentException">A path is not one of the file system.</exception>
    protected IEnumerable<string> ResolvePaths(string[] paths, string[] literalPaths) =>
        [.. paths.SelectMany(ResolvePath), .. literalPaths.Select(ResolveLiteralPath)];

    /// <summary>Ends the command with an error of the engine.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="target">What the command was working on.</param>
    protected void ThrowEngineError(Exception exception, object? target) =>
        ThrowTerminatingError(EngineErrors.ToErrorRecord(exception, target));

    /// <summary>Tells of an error with one of many inputs; the command goes on with the next.</summary>
    /// <param name="exception">What the engine threw.</param>
    /// <param name="target">What the command was working on.</param>
    protected void WriteEngineError(Exception exception, object? target) =>
        WriteError(EngineErrors.ToErrorRecord(exception, target));

    /// <summary>Warns although the pipeline is being stopped, when WriteWarning only ends the command.</summary>
    /// <param name="message">The warning.</param>
    protected void WarnWhileStopping(string message) => Host.UI?.WriteWarningLine(message);

    private static string OnFileSystem(string full, string asked, ProviderInfo provider) => provider.Name == FileSystem
        ? full
        : throw new PSArgumentException($"'{asked}' is a path of the provider {provider.Name}; expected one of the file system.");
}
