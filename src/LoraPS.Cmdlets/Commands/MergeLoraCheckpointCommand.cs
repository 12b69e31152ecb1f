using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Merges whole models: a weighted sum of any number, or one model and the difference of two others.</summary>
/// <remarks>
/// The result has the form, the types and the other contents of the first model. Without -Ratio all have equal shares; with one
/// ratio fewer than models the first gets what the others leave of 1. Memory does not grow with the models.
/// </remarks>
/// <example>
/// <para>Mixes two models, seven parts to three.</para>
/// <code>Merge-LoraCheckpoint ./sd15.safetensors, ./tuned.safetensors -Ratio 0.7, 0.3 -DestinationPath ./mixed.safetensors</code>
/// </example>
/// <example>
/// <para>Adds half of what a model has learned to another one.</para>
/// <code>Merge-LoraCheckpoint ./sd15.safetensors -Tuned ./tuned.safetensors -Original ./sd15.safetensors -Ratio 0.5 -DestinationPath ./added.safetensors</code>
/// </example>
[Cmdlet(VerbsData.Merge, "LoraCheckpoint", SupportsShouldProcess = true, DefaultParameterSetName = SumSet)]
[OutputType(typeof(CheckpointMergeResult), typeof(Job))]
public sealed class MergeLoraCheckpointCommand : WorkerCmdlet
{
    private const string SumSet = "Sum";
    private const string LiteralPathSet = "LiteralPath";
    private const string DifferenceSet = "Difference";

    private readonly List<string> _models = [];

    /// <summary>The models: .safetensors checkpoints or diffusers folders; wildcards are allowed. For a difference, the one that is added to.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = SumSet, HelpMessage = "The models; wildcards are allowed.")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DifferenceSet, HelpMessage = "The model that the difference is added to.")]
    [Alias("models", "Path")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Model { get; set; } = [];

    /// <summary>The models, named exactly.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet, HelpMessage = "The models, named exactly.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The model with the training in it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DifferenceSet, HelpMessage = "The model with the training in it.")]
    [ValidateNotNullOrEmpty]
    public string Tuned { get; set; } = "";

    /// <summary>The model it was trained from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DifferenceSet, HelpMessage = "The model it was trained from.")]
    [ValidateNotNullOrEmpty]
    public string Original { get; set; } = "";

    /// <summary>What each model is multiplied by: one for each, or for all but the first. For a difference, how much of it; 1 is all.</summary>
    /// <value>Default: equal shares; of a difference, 1.</value>
    [Parameter]
    [Alias("ratios", "Weight")]
    [ValidateNotNullOrEmpty]
    public double[]? Ratio { get; set; }

    /// <summary>Multipliers by block: one set for each model, or for all but the first. For a difference, one set. See Set-LoraBlockWeight.</summary>
    [Parameter]
    [Alias("lbws", "lbw")]
    [BlockWeightsTransformation]
    [ArgumentCompleter(typeof(BlockWeightCompleter))]
    [ValidateNotNullOrEmpty]
    public BlockWeights[]? BlockWeight { get; set; }

    /// <summary>The file or folder to make, of the form of the first model.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The file or folder to make.")]
    [Alias("output", "save_to", "SaveTo", "Destination")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Merges U-Nets only; the text encoder and the VAE are the first model's.</summary>
    [Parameter]
    [Alias("unet_only")]
    public SwitchParameter UNetOnly { get; set; }

    /// <summary>Float type that all weights are saved in.</summary>
    /// <value>Each tensor's in the first model.</value>
    [Parameter]
    [Alias("saving_precision", "save_precision", "SavingPrecision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType? SaveDType { get; set; }

    /// <summary>Replace what is at the destination, even one of the models.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Work in a job: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _models.AddRange(ResolvePaths(Model, LiteralPath));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_models.Count == 0)
            return;
        var destination = ResolveLiteralPath(DestinationPath);
        try
        {
            Destination.Check(destination, Force);
            var sources = ParameterSetName == DifferenceSet ? Difference() : Sum();
            if (sources.FirstOrDefault(source => !System.IO.Path.Exists(source.Path)) is { } missing)
                throw new MissingFileException(missing.Path, "ModelNotFound");
            var options = new CheckpointMergeOptions { UNetOnly = UNetOnly, SaveDType = SaveDType, Overwrite = Force };
            if (ShouldProcess($"Merge {string.Join(", ", sources.Select(Describe))} and write {destination}.", null, null))
                WriteResult((events, stop) => CheckpointMerger.Merge(sources, destination, options, events, stop), AsJob, destination);
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, destination);
        }
    }

    private static string Describe(CheckpointSource source) => source.Ratio is { } ratio ? $"{source.Path} x {ratio}" : source.Path;

    private IReadOnlyList<CheckpointSource> Difference()
    {
        if (_models.Count != 1 || Ratio?.Length > 1 || BlockWeight?.Length > 1)
            throw new ArgumentException("A difference is added to one model, with one ratio and one set of block weights.", nameof(Model));
        return CheckpointSource.AddDifference(_models[0], ResolveLiteralPath(Tuned), ResolveLiteralPath(Original), Ratio?[0] ?? 1, BlockWeight?[0]);
    }

    private CheckpointSource[] Sum()
    {
        CheckCount(Ratio, nameof(Ratio));
        CheckCount(BlockWeight, nameof(BlockWeight));
        return [.. _models.Select((model, i) => new CheckpointSource(model, Of(Ratio, i, value => (double?)value), Of(BlockWeight, i, value => value)))];
    }

    /// <summary>The value of a model; the first has none where there is one fewer than models.</summary>
    private TResult? Of<T, TResult>(T[]? values, int index, Func<T, TResult?> convert)
    {
        var place = index - (_models.Count - values?.Length ?? 0);
        return values is null || place < 0 ? default : convert(values[place]);
    }

    private void CheckCount(Array? values, string parameter)
    {
        if (values is not null && values.Length != _models.Count && values.Length != _models.Count - 1)
            throw new ArgumentException($"-{parameter} has {values.Length} values for {_models.Count} models. Give one for each, or for all but the first.", parameter);
    }
}
