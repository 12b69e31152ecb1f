using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Merges LoRAs into one LoRA, or into the weights of a model, which then needs no LoRA to behave like it.</summary>
/// <remarks>
/// LoRAs that come through the pipeline are collected first and merged together. Without -Model the result is a LoRA, made by
/// -Method; the default is the exact weighted sum, whatever the ranks. The result carries its sources, ratios and hashes.
/// </remarks>
/// <example>
/// <para>Merges a LoRA into a model.</para>
/// <code>Merge-Lora ./cat.safetensors -Model ./sd15.safetensors -Ratio 0.8 -DestinationPath ./sd15-cat.safetensors</code>
/// </example>
/// <example>
/// <para>Merges LoRAs into one of rank 8, each with its own ratio.</para>
/// <code>Merge-Lora ./cat.safetensors, ./style.safetensors -Ratio 1, 0.5 -Method Svd -Rank 8 -DestinationPath ./both.safetensors</code>
/// </example>
/// <example>
/// <para>Merges what a pipeline chose, exactly.</para>
/// <code>
/// Get-Lora ./*.safetensors |
///     Where-Object Rank -le 8 |
///     Merge-Lora -Ratio 0.5 -DestinationPath ./all.safetensors
/// </code>
/// </example>
[Cmdlet(VerbsData.Merge, "Lora", SupportsShouldProcess = true, DefaultParameterSetName = LoraSet)]
[OutputType(typeof(LoraMergeResult), ParameterSetName = [LoraSet, LiteralPathSet])]
[OutputType(typeof(Job))]
[OutputType(typeof(CheckpointFuseResult), ParameterSetName = [ModelSet, ModelLiteralPathSet])]
public sealed class MergeLoraCommand : LoraSourceCmdlet
{
    private const string ModelSet = "Model";
    private const string ModelLiteralPathSet = "ModelLiteralPath";
    private const string LoraHelp = "The LoRA files; wildcards are allowed.";
    private const string LiteralPathHelp = "The LoRA files, named exactly.";
    private const string ModelHelp = "The model: a .safetensors checkpoint or a diffusers folder.";

    private static readonly LoraMergeOptions Defaults = new();

    /// <summary>LoRA files, with wildcards, or LoRAs from Get-Lora, Set-LoraBlockWeight or rows with Path, Ratio and BlockWeight.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = LoraSet, HelpMessage = LoraHelp)]
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ModelSet, HelpMessage = LoraHelp)]
    [Alias("models", "Path")]
    [LoraSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] Lora { get; set; } = [];

    /// <summary>LoRA files, named exactly.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, HelpMessage = LiteralPathHelp)]
    [Parameter(Mandatory = true, ParameterSetName = ModelLiteralPathSet, HelpMessage = LiteralPathHelp)]
    [Alias("PSPath")]
    [LoraSourceTransformation(IsLiteral = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] LiteralPath { get; set; } = [];

    /// <summary>The model to merge into: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ModelSet, HelpMessage = ModelHelp)]
    [Parameter(Mandatory = true, ParameterSetName = ModelLiteralPathSet, HelpMessage = ModelHelp)]
    [Alias("sd_model", "pretrained_model_name_or_path", "SdModel", "PretrainedModelNameOrPath")]
    [ValidateNotNullOrEmpty]
    public string Model { get; set; } = "";

    /// <summary>How LoRAs become one: WeightedSum (exact), Svd, Ties, Dare, or FactorSum (the reference's merge_lora).</summary>
    /// <value>Default WeightedSum.</value>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [ArgumentCompleter(typeof(MergeMethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string Method { get; set; } = Defaults.Method;

    /// <summary>Rank of the result of Svd, Ties and Dare, or the most a criterion may choose.</summary>
    /// <value>Default: what the exact sum needs.</value>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("new_rank", "Dim", "NewRank")]
    [ValidateRange(1, int.MaxValue)]
    public int? Rank { get; set; }

    /// <summary>The same for convolutions with a kernel larger than 1×1.</summary>
    /// <value>Default: as Rank.</value>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("new_conv_rank", "NewConvRank")]
    [ValidateRange(1, int.MaxValue)]
    public int? ConvRank { get; set; }

    /// <summary>How the rank is chosen: Fixed, SvRatio, SvFro or SvCumulative.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("dynamic_method", "DynamicMethod")]
    [UnderscoreTransformation]
    public RankCriterion Criterion { get; set; } = Defaults.Numbers.Criterion;

    /// <summary>The criterion's number: a ratio such as 20 for SvRatio, a share such as 0.95 for SvFro and SvCumulative.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("dynamic_param", "DynamicParam")]
    public double Threshold { get; set; }

    /// <summary>Clips the factors of Svd at this quantile, as the reference does at 0.99. Lossy.</summary>
    /// <value>Default: no clipping.</value>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("clamp_quantile")]
    public double? ClampQuantile { get; set; }

    /// <summary>Share of the entries that Ties and Dare keep.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    public double Density { get; set; } = Defaults.Numbers.Density;

    /// <summary>Names the random numbers of Dare and Ties.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    public long Seed { get; set; }

    /// <summary>FactorSum puts factors side by side instead of adding them.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    public SwitchParameter Concat { get; set; }

    /// <summary>The type FactorSum calculates in; all else is calculated in F32.</summary>
    [Parameter(ParameterSetName = LoraSet), Parameter(ParameterSetName = LiteralPathSet)]
    [DTypeTransformation]
    public SafetensorsDType Precision { get; set; } = Defaults.Numbers.Precision;

    /// <inheritdoc/>
    protected override void ProcessRecord() => Collect([.. Lora, .. LiteralPath]);

    /// <inheritdoc/>
    protected override void Merge(IReadOnlyList<LoraSource> sources, string destination)
    {
        if (Model.Length > 0)
            MergeIntoModel(sources, ResolveLiteralPath(Model), destination);
        else
            MergeIntoLora(sources, destination);
    }

    private void MergeIntoModel(IReadOnlyList<LoraSource> sources, string model, string destination)
    {
        var options = new CheckpointFuseOptions { SaveDType = SaveDType, SkipNonFinite = SkipNonFinite, Overwrite = Force };
        var preview = CheckpointFuser.Preview(model, sources, destination, options);
        if (ShouldProcess($"Merge {Describe(sources)} into {preview.ModuleCount} modules of {model} and write {destination} ({DisplayText.Size(preview.Length ?? 0)}).", null, null))
            WriteResult((events, stop) => CheckpointFuser.Merge(model, sources, destination, options, events, stop), AsJob, destination);
    }

    private void MergeIntoLora(IReadOnlyList<LoraSource> sources, string destination)
    {
        WarnOfUnused();
        MergeIntoLora(sources, destination, new() { Method = Method, Numbers = MakeNumbers(), SaveDType = SaveDType, SkipNonFinite = SkipNonFinite, Force = Force });
    }

    private void WarnOfUnused()
    {
        foreach (var number in MyInvocation.BoundParameters.Keys.Where(number => number != nameof(Precision) || Precision != Defaults.Numbers.Precision))
        {
            if (MergeMethods.NamesUsing(number) is { Count: > 0 } methods && !methods.Contains(Method, StringComparer.OrdinalIgnoreCase))
                WriteWarning($"-{number} means nothing to the method {Method} and is passed over. It belongs to -Method {string.Join(", ", methods)}.");
        }
    }

    private MergeMethodOptions MakeNumbers() => new()
    {
        Rank = Rank,
        ConvRank = ConvRank,
        Criterion = Criterion,
        Threshold = Threshold,
        ClampQuantile = ClampQuantile,
        Density = Density,
        Seed = Seed,
        Concat = Concat,
        Precision = Precision,
    };
}
