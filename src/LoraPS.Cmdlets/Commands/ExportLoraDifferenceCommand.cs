using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Makes a LoRA of what a model has learned: the difference to the model it comes from, cut to a low rank.</summary>
/// <remarks>The result tells the error that was measured, and what of the difference no LoRA can hold. Nothing is clipped unless asked for.</remarks>
/// <example>
/// <para>Makes a LoRA of rank 16 of what a model has learned.</para>
/// <code>Export-LoraDifference ./sd15.safetensors ./tuned.safetensors ./learned.safetensors -Rank 16</code>
/// </example>
/// <example>
/// <para>Keeps what 98 percent of the difference needs, 3x3 convolutions too, in half precision.</para>
/// <code>Export-LoraDifference ./sd15.safetensors ./tuned.safetensors ./learned.safetensors -Rank 64 -ConvRank 32 -Criterion SvFro -Threshold 0.98 -SaveDType F16</code>
/// </example>
[Cmdlet(VerbsData.Export, "LoraDifference", SupportsShouldProcess = true)]
[OutputType(typeof(LoraExtractResult))]
public sealed class ExportLoraDifferenceCommand : WorkerCmdlet
{
    private static readonly LoraExtractOptions Defaults = new();

    /// <summary>The model before training: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The model before training: a .safetensors checkpoint or a diffusers folder.")]
    [Alias("model_org", "ModelOrg")]
    [ValidateNotNullOrEmpty]
    public string OriginalModel { get; set; } = "";

    /// <summary>The same model after it, in either form.</summary>
    [Parameter(Mandatory = true, Position = 1, HelpMessage = "The model after training, in either form.")]
    [Alias("model_tuned", "ModelTuned")]
    [ValidateNotNullOrEmpty]
    public string TunedModel { get; set; } = "";

    /// <summary>The LoRA to make.</summary>
    [Parameter(Mandatory = true, Position = 2, HelpMessage = "The LoRA to make.")]
    [Alias("save_to", "SaveTo", "Destination")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Rank of matrices and 1×1 convolutions, or the most a criterion may choose.</summary>
    /// <value>Default 4.</value>
    [Parameter]
    [Alias("Dim", "new_rank", "NewRank")]
    [ValidateRange(1, int.MaxValue)]
    public int Rank { get; set; } = Defaults.Rank;

    /// <summary>Rank of larger convolutions; residual blocks and samplers are extracted only when it is given.</summary>
    [Parameter]
    [Alias("conv_dim", "ConvDim")]
    [ValidateRange(1, int.MaxValue)]
    public int? ConvRank { get; set; }

    /// <summary>How the rank is chosen: Fixed, SvRatio, SvFro or SvCumulative.</summary>
    [Parameter]
    [Alias("dynamic_method", "DynamicMethod")]
    [UnderscoreTransformation]
    public RankCriterion Criterion { get; set; } = Defaults.Criterion;

    /// <summary>The criterion's number: a ratio such as 20 for SvRatio, a share such as 0.95 for SvFro and SvCumulative.</summary>
    [Parameter]
    [Alias("dynamic_param", "DynamicParam")]
    public double Threshold { get; set; }

    /// <summary>The text encoder is left out unless one of its weights differs by more than this; 0 keeps every true difference.</summary>
    /// <value>Default 0.01.</value>
    [Parameter]
    [Alias("min_diff", "MinDiff")]
    [ValidateRange(0.0, double.MaxValue)]
    public double MinDifference { get; set; } = Defaults.MinDifference;

    /// <summary>Clips the factors at this quantile of their entries, as the reference does at 0.99. Lossy.</summary>
    /// <value>Default: no clipping.</value>
    [Parameter]
    [Alias("clamp_quantile")]
    public double? ClampQuantile { get; set; }

    /// <summary>Float type that the LoRA is saved in.</summary>
    /// <value>Default F32.</value>
    [Parameter]
    [Alias("save_precision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType SaveDType { get; set; } = Defaults.SaveDType;

    /// <summary>Names the random numbers of the decompositions.</summary>
    [Parameter]
    public long Seed { get; set; }

    /// <summary>Replace what is at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Work in a job: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var (original, tuned, destination) = (ResolveLiteralPath(OriginalModel), ResolveLiteralPath(TunedModel), ResolveLiteralPath(DestinationPath));
        try
        {
            Destination.Check(destination, Force);
            RankRule.Create(Criterion, Threshold, Rank);
            if (ShouldProcess($"Write the difference of {tuned} to {original} as a LoRA of rank {Rank} to {destination}.", null, null))
                WriteResult((events, stop) => LoraExtractor.Extract(original, tuned, destination, MakeOptions(), events, stop), AsJob, destination);
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, destination);
        }
    }

    private LoraExtractOptions MakeOptions() => new()
    {
        Rank = Rank,
        ConvRank = ConvRank,
        Criterion = Criterion,
        Threshold = Threshold,
        MinDifference = MinDifference,
        ClampQuantile = ClampQuantile,
        SaveDType = SaveDType,
        Seed = Seed,
        Overwrite = Force,
    };
}
