using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Brings LoRAs to another rank, keeping their strongest directions and their strength.</summary>
/// <example>
/// <para>Halves a LoRA's rank.</para>
/// <code>Resize-Lora ./cat.safetensors ./cat-small.safetensors -Rank 2</code>
/// </example>
/// <example>
/// <para>Lets every module of each LoRA keep the rank that 95 percent of its strength needs.</para>
/// <code>Get-Lora ./*.safetensors | Resize-Lora -DestinationPath ./small -Rank 64 -Criterion SvFro -Threshold 0.95</code>
/// </example>
[Cmdlet(VerbsCommon.Resize, "Lora", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraResult))]
public sealed class ResizeLoraCommand : FileOutputCmdlet
{
    private static readonly LoraResizeOptions Defaults = new();

    /// <summary>The new rank, or the most a criterion may choose.</summary>
    /// <value>Default 4.</value>
    [Parameter]
    [Alias("new_rank", "Dim", "NewRank")]
    [ValidateRange(1, int.MaxValue)]
    public int Rank { get; set; } = Defaults.Rank;

    /// <summary>The same for modules stored with four dimensions, 1×1 convolutions among them.</summary>
    /// <value>Default: as Rank.</value>
    [Parameter]
    [Alias("new_conv_rank", "NewConvRank")]
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

    /// <summary>Float type that the result is saved in.</summary>
    /// <value>That of the source where it has one of 16 bits, else F32.</value>
    [Parameter]
    [Alias("save_precision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType? SaveDType { get; set; }

    /// <summary>Leaves out modules that hold NaN or infinite numbers, and warns, instead of refusing the file.</summary>
    [Parameter]
    public SwitchParameter SkipNonFinite { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            RankRule.Create(Criterion, Threshold, Rank);
        }
        catch (ArgumentException e)
        {
            ThrowEngineError(e, Threshold);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessFile(string path, string destination)
    {
        var lora = LoraFile.Read(path);
        if (!ShouldProcess($"Resize {lora.Name} from rank {lora.Rank} to {Describe()} and write {destination}.", null, null))
            return;
        var options = new LoraResizeOptions
        {
            Rank = Rank,
            ConvRank = ConvRank,
            Criterion = Criterion,
            Threshold = Threshold,
            SaveDType = SaveDType,
            SkipNonFinite = SkipNonFinite,
            Force = Force,
        };
        WriteResult((events, stop) => LoraResizer.Resize(path, destination, options, events, stop), AsJob, destination);
    }

    private string Describe() => Criterion == RankCriterion.Fixed ? $"{Rank}" : $"at most {Rank} ({Criterion} {Threshold})";
}
