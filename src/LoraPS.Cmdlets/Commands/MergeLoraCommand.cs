using System.Globalization;
using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Merges LoRAs into the weights of a model, which then needs no LoRA to behave like it.</summary>
/// <remarks>LoRAs that come through the pipeline are collected first and merged together.</remarks>
[Cmdlet(VerbsData.Merge, "Lora", SupportsShouldProcess = true, DefaultParameterSetName = LoraSet)]
[OutputType(typeof(CheckpointFuseResult))]
public sealed class MergeLoraCommand : WorkerCmdlet
{
    private const string LoraSet = "Lora";
    private const string LiteralPathSet = "LiteralPath";

    private readonly List<string> _loras = [];

    /// <summary>The model: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The model: a .safetensors checkpoint or a diffusers folder.")]
    [Alias("sd_model", "pretrained_model_name_or_path")]
    [ValidateNotNullOrEmpty]
    public string Model { get; set; } = "";

    /// <summary>LoRA files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = LoraSet, HelpMessage = "The LoRA files; wildcards are allowed.")]
    [Alias("models")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Lora { get; set; } = [];

    /// <summary>LoRA files, named exactly.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet, HelpMessage = "The LoRA files, named exactly.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>What the LoRAs are multiplied by: one number for all, or one for each in their order. Any sign.</summary>
    /// <value>Default 1.</value>
    [Parameter]
    [Alias("ratios", "Weight")]
    [ValidateNotNullOrEmpty]
    public double[] Ratio { get; set; } = [1];

    /// <summary>The file or folder to make, of the same form as the model.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The file or folder to make.")]
    [Alias("save_to")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Float type that the model's weights are saved in.</summary>
    /// <value>Each tensor keeps its own unless this is given.</value>
    [Parameter]
    [Alias("save_precision")]
    [DTypeTransformation]
    public SafetensorsDType? SaveDType { get; set; }

    /// <summary>Replace what is at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var pattern in Lora)
        {
            var found = ResolvePaths([pattern], []).ToList();
            if (found.Count == 0)
                ThrowEngineError(new MissingFileException(ResolveLiteralPath(pattern), "LoraFileNotFound"), pattern);
            _loras.AddRange(found);
        }

        _loras.AddRange(ResolvePaths([], LiteralPath));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_loras.Count == 0)
            return;
        if (Ratio.Length != 1 && Ratio.Length != _loras.Count)
            ThrowEngineError(new ArgumentException($"There are {Ratio.Length} ratios for {_loras.Count} LoRAs. Give one ratio for all, or one for each.", nameof(Ratio)), Ratio);
        var (model, destination) = (ResolveLiteralPath(Model), ResolveLiteralPath(DestinationPath));
        try
        {
            Merge(model, [.. _loras.Select((path, i) => new LoraSource(path, Ratio[Ratio.Length == 1 ? 0 : i]))], destination);
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, destination);
        }
    }

    private void Merge(string model, IReadOnlyList<LoraSource> sources, string destination)
    {
        Destination.Check(destination, Force);
        if (!ShouldProcess($"Merge {string.Join(", ", sources.Select(Describe))} into {model} and write {destination}.", null, null))
            return;
        var options = new CheckpointFuseOptions { SaveDType = SaveDType, Overwrite = Force };
        WriteObject(RunOnWorker("Merging", (events, stop) => CheckpointFuser.Merge(model, sources, destination, options, events, stop)));
    }

    private static string Describe(LoraSource source)
    {
        var lora = LoraFile.Read(source.Path);
        return string.Create(CultureInfo.CurrentCulture, $"{lora.Name} (rank {lora.Rank}) x {source.Ratio}");
    }
}
