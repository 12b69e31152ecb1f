using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Merges LoRAs into one of a chosen rank: the best approximation of their weighted sum there is.</summary>
/// <remarks>
/// The reference's svd_merge_lora under its options' names, without its clipping unless -ClampQuantile asks for it. What
/// Merge-Lora -Method Svd does, with rank 4 where none is given. The result tells the relative error of every module.
/// </remarks>
/// <example>
/// <para>Merges two LoRAs into one of rank 8.</para>
/// <code>Invoke-SvdMergeLora ./cat.safetensors, ./style.safetensors -Ratio 0.7, 0.3 -Rank 8 -DestinationPath ./both.safetensors</code>
/// </example>
/// <example>
/// <para>Does the same with the option names of sd-scripts, clipping as it does.</para>
/// <code>Invoke-SvdMergeLora -models ./cat.safetensors, ./style.safetensors -ratios 0.7, 0.3 -new_rank 8 -clamp_quantile 0.99 -save_to ./both.safetensors</code>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "SvdMergeLora", SupportsShouldProcess = true, DefaultParameterSetName = LoraSet)]
[OutputType(typeof(LoraMergeResult), typeof(Job))]
public sealed class InvokeSvdMergeLoraCommand : LoraSourceCmdlet
{
    private const int UsualRank = 4;

    /// <summary>LoRA files, with wildcards, or LoRAs from Get-Lora, Set-LoraBlockWeight or rows with Path, Ratio and BlockWeight.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = LoraSet, HelpMessage = "The LoRA files; wildcards are allowed.")]
    [Alias("models", "Path")]
    [LoraSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] Lora { get; set; } = [];

    /// <summary>LoRA files, named exactly.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, HelpMessage = "The LoRA files, named exactly.")]
    [Alias("PSPath")]
    [LoraSourceTransformation(IsLiteral = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] LiteralPath { get; set; } = [];

    /// <summary>Rank of the result, or the most a criterion may choose.</summary>
    /// <value>Default 4.</value>
    [Parameter]
    [Alias("new_rank", "Dim", "NewRank")]
    [ValidateRange(1, int.MaxValue)]
    public int Rank { get; set; } = UsualRank;

    /// <summary>The same for convolutions with a kernel larger than 1×1.</summary>
    /// <value>Default: as Rank.</value>
    [Parameter]
    [Alias("new_conv_rank", "NewConvRank")]
    [ValidateRange(1, int.MaxValue)]
    public int? ConvRank { get; set; }

    /// <summary>How the rank is chosen: Fixed, SvRatio, SvFro or SvCumulative.</summary>
    [Parameter]
    [Alias("dynamic_method", "DynamicMethod")]
    [UnderscoreTransformation]
    public RankCriterion Criterion { get; set; }

    /// <summary>The criterion's number: a ratio such as 20 for SvRatio, a share such as 0.95 for SvFro and SvCumulative.</summary>
    [Parameter]
    [Alias("dynamic_param", "DynamicParam")]
    public double Threshold { get; set; }

    /// <summary>Clips the factors at this quantile of their entries, as the reference does at 0.99. Lossy.</summary>
    /// <value>Default: no clipping.</value>
    [Parameter]
    [Alias("clamp_quantile")]
    public double? ClampQuantile { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Collect([.. Lora, .. LiteralPath]);

    /// <inheritdoc/>
    protected override void Merge(IReadOnlyList<LoraSource> sources, string destination)
    {
        var numbers = new MergeMethodOptions { Rank = Rank, ConvRank = ConvRank, Criterion = Criterion, Threshold = Threshold, ClampQuantile = ClampQuantile };
        RankRule.Create(Criterion, Threshold, Rank);
        MergeIntoLora(sources, destination, new() { Method = SvdMerge.MethodName, Numbers = numbers, SaveDType = SaveDType, SkipNonFinite = SkipNonFinite, Force = Force });
    }
}
