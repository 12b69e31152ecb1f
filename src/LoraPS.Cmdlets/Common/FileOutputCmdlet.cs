using System.Management.Automation;
using LoraPS.Engine.Formats;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that make a file of each file they are given.</summary>
public abstract class FileOutputCmdlet : FilePathCmdlet
{
    private readonly HashSet<string> _written = [];

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ParameterSetName = PathSet, HelpMessage = "The files; wildcards are allowed.")]
    [Alias("model")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public override string[] Path { get; set; } = [];

    /// <summary>The file to make, or a folder that exists, where the result gets the name of the source.</summary>
    [Parameter(Mandatory = true, Position = 2, ValueFromPipelineByPropertyName = true, HelpMessage = "The file to make, or the folder it goes to under its old name.")]
    [Alias("save_to", "Destination", "SaveTo")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Replace what is at the destination, even the source.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Work in a job, one for each file: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Makes the file.</summary>
    /// <param name="path">Full path of the source.</param>
    /// <param name="destination">Full path of the result; nothing is there, or it may be replaced.</param>
    protected abstract void ProcessFile(string path, string destination);

    /// <inheritdoc/>
    protected sealed override void ProcessFile(string path)
    {
        var destination = DestinationOf(path);
        // Even with -Force no result of this command replaces another.
        CheckDestination(destination, Force && !_written.Contains(destination));
        ProcessFile(path, destination);
        _written.Add(destination);
    }

    /// <summary>The full path of the result that is made of a file.</summary>
    /// <param name="path">Full path of the source.</param>
    protected virtual string DestinationOf(string path) => ResolveDestination(DestinationPath, path);

    /// <summary>Refuses a destination that is taken.</summary>
    /// <param name="destination">Full path.</param>
    /// <param name="force">True when what is there may be replaced.</param>
    protected virtual void CheckDestination(string destination, bool force) => Destination.Check(destination, force);
}
