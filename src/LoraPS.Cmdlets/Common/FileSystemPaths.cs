using System.Management.Automation;

namespace LoraPS.Cmdlets.Common;

/// <summary>Paths as PowerShell means them: relative to the session's location, with wildcards and drives.</summary>
public static class FileSystemPaths
{
    private const string FileSystem = "FileSystem";

    /// <summary>The session of this thread, for code that is called by PowerShell and given none, as completers are.</summary>
    /// <remarks>A script of a variable alone, because the first cmdlet of a session may load its module, which takes longer than all of a completion.</remarks>
    public static SessionState CurrentSession =>
        ((EngineIntrinsics)PSObject.AsPSObject(ScriptBlock.Create("$ExecutionContext").InvokeReturnAsIs()).BaseObject).SessionState;

    /// <summary>The full path of a file that is named literally and need not exist.</summary>
    /// <param name="session">Whose location relative paths start at.</param>
    /// <param name="path">A path of the file system, relative to the current location.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    public static string ResolveLiteral(SessionState session, string path)
    {
        ArgumentNullException.ThrowIfNull(session);
        var full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        return OnFileSystem(full, path, provider);
    }

    /// <summary>The full paths that a path with wildcards stands for.</summary>
    /// <remarks>A path without wildcards that does not exist is given back too, so that the engine says what it misses.</remarks>
    /// <param name="session">Whose location relative paths start at.</param>
    /// <param name="path">A path of the file system, relative to the current location.</param>
    /// <exception cref="PSArgumentException">The path is not one of the file system.</exception>
    public static IReadOnlyList<string> Resolve(SessionState session, string path)
    {
        ArgumentNullException.ThrowIfNull(session);
        try
        {
            var found = session.Path.GetResolvedProviderPathFromPSPath(path, out var provider);
            return [.. found.Select(full => OnFileSystem(full, path, provider))];
        }
        catch (ItemNotFoundException)
        {
            return [ResolveLiteral(session, path)];
        }
    }

    private static string OnFileSystem(string full, string asked, ProviderInfo provider) => provider.Name == FileSystem
        ? full
        : throw new PSArgumentException($"'{asked}' is a path of the provider {provider.Name}; expected one of the file system.");
}
