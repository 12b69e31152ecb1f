using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that look at files one by one: <c>-Path</c> with wildcards, or <c>-LiteralPath</c>.</summary>
public abstract class FilePathCmdlet : WorkerCmdlet
{
    /// <summary>Name of the parameter set with wildcards.</summary>
    protected const string PathSet = "Path";

    private const string LiteralPathSet = "LiteralPath";

    /// <summary>Files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PathSet, HelpMessage = "The files; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public virtual string[] Path { get; set; } = [];

    /// <summary>Files, named exactly.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet, HelpMessage = "The files, named exactly.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Works on one file.</summary>
    /// <param name="path">Full path; the file may be missing.</param>
    protected abstract void ProcessFile(string path);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (var path in ResolvePaths(Path, LiteralPath))
        {
            try
            {
                ProcessFile(path);
            }
            catch (EngineException e)
            {
                WriteEngineError(e, path);
            }
            catch (ArgumentException e)
            {
                ThrowEngineError(e, path);
            }
        }
    }
}
