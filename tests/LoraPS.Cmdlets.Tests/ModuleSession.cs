using System.Management.Automation;
using System.Management.Automation.Runspaces;
using LoraPS.Shell.Hosting;

namespace LoraPS.Cmdlets.Tests;

/// <summary>A runspace with the built module loaded.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace(ShellSessionState.Create());

    public ModuleSession() => _runspace.Open();

    /// <summary>Starts a script without waiting for it.</summary>
    public PowerShell Prepare(string script)
    {
        var shell = PowerShell.Create(_runspace);
        shell.AddScript(script);
        return shell;
    }

    /// <summary>Makes paths relative to a folder.</summary>
    public void SetLocation(TemporaryFolder folder) => _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(folder.Path));

    /// <summary>Runs a script to its end and collects everything it writes.</summary>
    /// <param name="script">The script.</param>
    /// <param name="folder">Where it runs; paths in it are relative to it.</param>
    public SessionResult Run(string script, TemporaryFolder? folder = null)
    {
        if (folder is not null)
            SetLocation(folder);
        // An error that ends a command goes on after it in a script, unless it is thrown again.
        using var shell = Prepare($"try {{\n{script}\n}} catch {{ throw }}");
        var output = new List<PSObject>();
        ErrorRecord? terminating = null;
        try
        {
            shell.Invoke(input: null, output);
        }
        catch (RuntimeException e)
        {
            terminating = e.ErrorRecord;
        }

        return new SessionResult(
            output,
            [.. shell.Streams.Error],
            terminating,
            [.. shell.Streams.Warning.Select(w => w.Message)],
            [.. shell.Streams.Verbose.Select(v => v.Message)],
            [.. shell.Streams.Progress]);
    }

    public void Dispose() => _runspace.Dispose();
}
