using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Reports;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Writes a page of HTML on a training run, a LoRA or a merge: curves, pictures, weights block by block, settings, files with their hashes.</summary>
/// <remarks>
/// The page is one file that needs no other, no network and no script, and can be published as it is: files go by their names,
/// without folders. A run is given as the result of Start-LoraTraining, as its log (-LogPath), or as the folder of the log; of a
/// LoRA from elsewhere what its metadata tells is shown.
/// </remarks>
/// <example>
/// <para>Writes cat.html beside cat.safetensors.</para>
/// <code>Export-LoraReport ./cat.safetensors</code>
/// </example>
/// <example>
/// <para>Trains and reports on the run.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -MaxTrainSteps 1600 |
///     Export-LoraReport -DestinationPath ./photos.html
/// </code>
/// </example>
/// <example>
/// <para>Merges two LoRAs and reports on what was kept of each module.</para>
/// <code>
/// Invoke-SvdMergeLora ./cat.safetensors, ./style.safetensors -Rank 8 -DestinationPath ./both.safetensors |
///     Export-LoraReport -Title 'A cat in style'
/// </code>
/// </example>
[Cmdlet(VerbsData.Export, "LoraReport", SupportsShouldProcess = true, DefaultParameterSetName = InputSet)]
[OutputType(typeof(LoraReportResult))]
public sealed class ExportLoraReportCommand : WorkerCmdlet
{
    private const string InputSet = "InputObject";
    private const string LiteralPathSet = "LiteralPath";

    private static readonly ReportOptions Defaults = new();

    private readonly HashSet<string> _written = [];

    /// <summary>Results of Start-LoraTraining or of commands that merge, LoRAs from Get-Lora, or paths of LoRAs, logs and folders; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = InputSet, HelpMessage = "The result of a training or a merge, a LoRA, or a path.")]
    [Alias("Path")]
    [ReportSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public ReportSource[] InputObject { get; set; } = [];

    /// <summary>LoRAs, logs or folders, named exactly.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, HelpMessage = "The LoRAs, logs or folders, named exactly.")]
    [Alias("PSPath")]
    [ReportSourceTransformation(IsLiteral = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public ReportSource[] LiteralPath { get; set; } = [];

    /// <summary>The page, or a folder that exists, where it gets the name of what it is of.</summary>
    /// <value>Default: beside what it is of.</value>
    [Parameter(Position = 1)]
    [Alias("Destination")]
    [ValidateNotNullOrEmpty]
    public string? DestinationPath { get; set; }

    /// <summary>Heading of the page.</summary>
    /// <value>Default: the name of what it is of.</value>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>How many pictures of a data set are shown; the others are counted.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxPictures { get; set; } = Defaults.MaxPictures;

    /// <summary>Replace a page that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var source in InputObject.Concat(LiteralPath))
        {
            try
            {
                Report(source, ResolvePage(source));
            }
            catch (EngineException e)
            {
                WriteEngineError(e, source.Path);
            }
        }
    }

    private void Report(ReportSource source, string destination)
    {
        // Even with -Force no page of this command replaces another.
        LoraPS.Engine.Formats.Destination.Check(destination, Force && !_written.Contains(destination));
        if (!ShouldProcess(destination, $"Write the report of {System.IO.Path.GetFileName(source.Path)} ({LoraReport.KindOf(source)})"))
            return;
        var options = new ReportOptions { Title = Title, MaxPictures = MaxPictures, Force = Force };
        WriteObject(RunOnWorker((events, stop) => LoraReport.Write(source, destination, options, events, stop)));
        _written.Add(destination);
    }

    private string ResolvePage(ReportSource source)
    {
        var page = System.IO.Path.TrimEndingDirectorySeparator(source.Path);
        page = Directory.Exists(page) ? page + LoraReport.Extension : System.IO.Path.ChangeExtension(page, LoraReport.Extension);
        return DestinationPath is null ? page : ResolveDestination(DestinationPath, page);
    }
}
