using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace LoraPS.Shell.Hosting;

/// <summary>One runspace with the module loaded, and the rules by which a run becomes an exit code.</summary>
public sealed class ShellSession : IDisposable
{
    private const int Success = 0;
    private const int Failure = 1;

    private readonly ShellHost _host = new();
    private readonly Runspace _runspace;
    private readonly Lock _stopping = new();
    private Pipeline? _running;
    private bool _stopped;

    /// <summary>Opens the runspace.</summary>
    /// <exception cref="DirectoryNotFoundException">The module has not been built.</exception>
    /// <exception cref="RuntimeException">The module does not load.</exception>
    public ShellSession()
    {
        _runspace = RunspaceFactory.CreateRunspace(_host, ShellSessionState.Create());
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
    }

    /// <summary>Runs a script or a command to its end, showing what it writes.</summary>
    /// <param name="request">A script or a command.</param>
    /// <returns>
    /// The number given to <c>exit</c>; 1 after an uncaught terminating error or <see cref="Stop"/>, and for a command also
    /// when its last statement failed; otherwise 0.
    /// </returns>
    public int Run(ShellRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            // For a script $? is not asked: it stays true, because only what enters the history changes it.
            Invoke(request.Kind == ShellRequestKind.File ? ForScript(request) : _runspace.CreatePipeline(request.Text, addToHistory: true));
            return _host.ExitCode ?? (LastStatementSucceeded && !_stopped ? Success : Failure);
        }
        catch (PipelineStoppedException)
        {
            return Failure;
        }
        catch (RuntimeException e)
        {
            Show(e.ErrorRecord);
            return Failure;
        }
    }

    /// <summary>Stops what is running and waits until it has stopped. Safe to call from any thread.</summary>
    public void Stop()
    {
        lock (_stopping)
        {
            _stopped = true;
            _running?.Stop();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();

    /// <summary>The script as a function of the session.</summary>
    /// <remarks>
    /// A script called by its path would keep its <c>exit</c> to itself and only set <c>$LASTEXITCODE</c>; a function lets
    /// it through to the host. Parsed from its file, the body still knows <c>$PSScriptRoot</c> and its line numbers.
    /// </remarks>
    private Pipeline ForScript(ShellRequest request)
    {
        var ast = Parser.ParseFile(request.Text, out _, out var errors);
        if (errors is not [])
            throw new ParseException(errors);
        var name = Path.GetFileName(request.Text);
        _runspace.SessionStateProxy.InvokeProvider.Item.Set(@"function:\" + name, ast.GetScriptBlock());
        var command = new Command(name);
        foreach (var argument in ScriptArguments.Parse(request.Arguments))
            command.Parameters.Add(argument);
        var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return pipeline;
    }

    private void Invoke(Pipeline pipeline)
    {
        using (pipeline)
        {
            pipeline.Commands.Add(new Command("Out-Default")
            {
                MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
            });
            lock (_stopping)
            {
                if (_stopped)
                    throw new PipelineStoppedException();
                _running = pipeline;
            }

            try
            {
                pipeline.Invoke();
            }
            finally
            {
                lock (_stopping)
                    _running = null;
            }
        }
    }

    private bool LastStatementSucceeded => _runspace.SessionStateProxy.GetVariable("?") is true;

    private void Show(ErrorRecord error)
    {
        using var pipeline = _runspace.CreatePipeline();
        var render = new Command("Out-String");
        render.Parameters.Add("InputObject", error);
        pipeline.Commands.Add(render);
        _host.UI.WriteErrorLine(pipeline.Invoke()[0].ToString().TrimEnd());
    }
}
