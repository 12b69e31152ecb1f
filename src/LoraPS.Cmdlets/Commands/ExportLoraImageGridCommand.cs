using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Puts pictures side by side into one PNG file, row by row, so that they can be compared.</summary>
/// <remarks>
/// Pictures come in the order in which they are given: eight made without a LoRA and then the same eight with it, at -Columns 8,
/// make a row before and a row after.
/// </remarks>
/// <example>
/// <para>Puts all pictures of a folder into one.</para>
/// <code>Export-LoraImageGrid ./photos/*.png ./grid.png</code>
/// </example>
/// <example>
/// <para>Shows the newest eight pictures in two rows, twice as large.</para>
/// <code>
/// Get-ChildItem ./photos/*.png |
///     Sort-Object LastWriteTime -Descending |
///     Select-Object -First 8 |
///     Export-LoraImageGrid -DestinationPath ./newest.png -Columns 4 -Scale 2
/// </code>
/// </example>
[Cmdlet(VerbsData.Export, "LoraImageGrid", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(ImageGridResult))]
public sealed class ExportLoraImageGridCommand : EngineCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private static readonly ImageGridOptions Defaults = new() { DestinationPath = "grid.png" };
    private readonly List<string> _paths = [];

    /// <summary>The pictures, in their order, such as those that New-LoraImage tells of; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = PathSet, HelpMessage = "The pictures, in their order; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The pictures, named exactly.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet, HelpMessage = "The pictures, named exactly.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The PNG file to write.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The PNG file to write.")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Pictures in a row; as many as make the grid about square where not given.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Columns { get; set; }

    /// <summary>How many times as large each picture is shown, every pixel as a square.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int Scale { get; set; } = Defaults.Scale;

    /// <summary>Replaces the file if it exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _paths.AddRange(ResolvePaths(Path, LiteralPath));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var options = new ImageGridOptions { DestinationPath = ResolveLiteralPath(DestinationPath), Columns = Columns, Scale = Scale, Overwrite = Force };
        if (!ShouldProcess($"Put {_paths.Count} pictures into {options.DestinationPath}.", null, null))
            return;
        try
        {
            WriteObject(ImageGrid.Write(_paths, options));
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, options.DestinationPath);
        }
    }
}
