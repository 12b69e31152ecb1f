using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Gives LoRAs a weight for each block of the model. The files stay as they are: what is written is honoured by the merging commands.</summary>
/// <remarks>
/// Blocks that are not named keep weight 1. With -DestinationPath the weights are written into a LoRA of their own instead, for
/// programs that know no block weights.
/// </remarks>
/// <example>
/// <para>Merges two LoRAs, of which one counts only in the middle of the U-Net.</para>
/// <code>
/// Set-LoraBlockWeight ./style.safetensors -Preset MIDD -Ratio 0.8 |
///     Merge-Lora -DestinationPath ./style-midd.safetensors
/// </code>
/// </example>
/// <example>
/// <para>Writes a LoRA with its weights changed, for programs that know no block weights.</para>
/// <code>Set-LoraBlockWeight ./cat.safetensors @{ IN04 = 0.5; MID = 0 } -DestinationPath ./cat-weighted.safetensors</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "LoraBlockWeight", SupportsShouldProcess = true, DefaultParameterSetName = WeightSet)]
[OutputType(typeof(LoraSource))]
[OutputType(typeof(LoraResult))]
public sealed class SetLoraBlockWeightCommand : WorkerCmdlet
{
    private const string WeightSet = "BlockWeight";
    private const string PresetSet = "Preset";
    private const string SidesSet = "Sides";
    private const string LiteralWeightSet = "LiteralBlockWeight";
    private const string LiteralPresetSet = "LiteralPreset";
    private const string LiteralSidesSet = "LiteralSides";
    private const string LoraHelp = "The LoRA files; wildcards are allowed.";
    private const string LiteralPathHelp = "The LoRA files, named exactly.";
    private const string WeightHelp = "12, 17, 20 or 26 numbers, or a table such as @{ IN04 = 0.5; MID = 0 }.";
    private const string PresetHelp = "A preset such as MIDD, OUTALL or sine+0.25.";

    private BlockWeights? _blocks;

    /// <summary>LoRA files, with wildcards, or LoRAs from Get-Lora.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = WeightSet, HelpMessage = LoraHelp)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PresetSet, HelpMessage = LoraHelp)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SidesSet, HelpMessage = LoraHelp)]
    [Alias("Path")]
    [LoraSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] Lora { get; set; } = [];

    /// <summary>LoRA files, named exactly.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralWeightSet, HelpMessage = LiteralPathHelp)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPresetSet, HelpMessage = LiteralPathHelp)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralSidesSet, HelpMessage = LiteralPathHelp)]
    [Alias("PSPath")]
    [LoraSourceTransformation(IsLiteral = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] LiteralPath { get; set; } = [];

    /// <summary>A list of 12, 17, 20 or 26 numbers, a table of blocks such as <c>@{ IN04 = 0.5; MID = 0 }</c>, or either as text.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = WeightSet, HelpMessage = WeightHelp)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = LiteralWeightSet, HelpMessage = WeightHelp)]
    [Alias("lbw", "lbws")]
    [BlockWeightsTransformation]
    [ArgumentCompleter(typeof(BlockWeightCompleter))]
    public BlockWeights? BlockWeight { get; set; }

    /// <summary>A name that Get-LoraBlockWeight -ListPreset shows; a curve may carry an offset: <c>sine+0.25</c>.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PresetSet, HelpMessage = PresetHelp)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPresetSet, HelpMessage = PresetHelp)]
    [ArgumentCompleter(typeof(BlockPresetCompleter))]
    [ValidateNotNullOrEmpty]
    public string Preset { get; set; } = "";

    /// <summary>Weights of the blocks on the way down, IN00 and on: 12 numbers for SD, 9 for SDXL, or a curve such as <c>cosine</c>.</summary>
    [Parameter(ParameterSetName = SidesSet), Parameter(ParameterSetName = LiteralSidesSet)]
    [Alias("down_lr_weight", "DownLrWeight")]
    [ArgumentCompleter(typeof(BlockCurveCompleter))]
    public string[]? Down { get; set; }

    /// <summary>Weight of the middle block.</summary>
    [Parameter(ParameterSetName = SidesSet), Parameter(ParameterSetName = LiteralSidesSet)]
    [Alias("mid_lr_weight", "MidLrWeight")]
    public double? Mid { get; set; }

    /// <summary>Weights of the blocks on the way up, OUT00 and on, like -Down.</summary>
    [Parameter(ParameterSetName = SidesSet), Parameter(ParameterSetName = LiteralSidesSet)]
    [Alias("up_lr_weight", "UpLrWeight")]
    [ArgumentCompleter(typeof(BlockCurveCompleter))]
    public string[]? Up { get; set; }

    /// <summary>Weight of the text encoders.</summary>
    [Parameter(ParameterSetName = SidesSet), Parameter(ParameterSetName = LiteralSidesSet)]
    public double? Base { get; set; }

    /// <summary>What the whole LoRA is multiplied by.</summary>
    /// <value>Default: what it carries, else 1.</value>
    [Parameter]
    [Alias("ratios", "Weight")]
    public double? Ratio { get; set; }

    /// <summary>The LoRA to write with the weights in its numbers, or a folder that exists.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("save_to", "SaveTo", "Destination")]
    [ValidateNotNullOrEmpty]
    public string? DestinationPath { get; set; }

    /// <summary>Float type that the LoRA is saved in.</summary>
    [Parameter]
    [Alias("save_precision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType? SaveDType { get; set; }

    /// <summary>Replace a file at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _blocks = BlockWeight ?? (Preset.Length > 0 ? BlockWeights.Parse(Preset) : BlockWeights.FromSides(Down, Mid, Up, Base));
        }
        catch (ArgumentException e)
        {
            ThrowEngineError(e, Preset.Length > 0 ? Preset : MyInvocation.BoundParameters);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var lora in Lora.Concat(LiteralPath))
        {
            var source = lora with { Ratio = Ratio ?? lora.Ratio, Blocks = _blocks };
            if (DestinationPath is null)
                WriteObject(source);
            else
                WriteOut(source);
        }
    }

    private void WriteOut(LoraSource source)
    {
        var destination = ResolveDestination(DestinationPath!, source.Path);
        try
        {
            Destination.Check(destination, Force);
            if (ShouldProcess($"Write {source.Name} with the block weights {_blocks} to {destination}.", null, null))
                WriteObject(RunOnWorker((_, stop) => LoraWeighter.Write(source, destination, new() { SaveDType = SaveDType, Force = Force }, stop)));
        }
        catch (EngineException e)
        {
            WriteEngineError(e, source.Path);
        }
    }
}
