using System.Globalization;
using System.Management.Automation;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that make one thing of several LoRAs: they are collected first, then merged together.</summary>
public abstract class LoraSourceCmdlet : WorkerCmdlet
{
    /// <summary>Name of the parameter set of LoRAs with wildcards.</summary>
    protected const string LoraSet = "Lora";

    /// <summary>Name of the parameter set of LoRAs named exactly.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    private readonly List<LoraSource> _sources = [];

    /// <summary>What the LoRAs are multiplied by, on top of a ratio they carry: one number for all, or one for each in their order. Any sign.</summary>
    /// <value>Default 1.</value>
    [Parameter]
    [Alias("ratios", "Weight")]
    [ValidateNotNullOrEmpty]
    public double[] Ratio { get; set; } = [1];

    /// <summary>Multipliers by block, instead of those the LoRAs carry: one set for all, or one for each in their order. See Set-LoraBlockWeight.</summary>
    [Parameter]
    [Alias("lbws", "lbw")]
    [BlockWeightsTransformation]
    [ArgumentCompleter(typeof(BlockWeightCompleter))]
    [ValidateNotNullOrEmpty]
    public BlockWeights[] BlockWeight { get; set; } = [];

    /// <summary>The file to make.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The file to make, or the folder for a model that is a folder.")]
    [Alias("save_to", "SaveTo", "Destination")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Float type that the result is saved in.</summary>
    /// <value>Of a model, each tensor's own; of a LoRA, that of the sources where they share one of 16 bits, else F32.</value>
    [Parameter]
    [Alias("save_precision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType? SaveDType { get; set; }

    /// <summary>Leaves out modules that hold NaN or infinite numbers, and warns, instead of refusing the file.</summary>
    [Parameter]
    public SwitchParameter SkipNonFinite { get; set; }

    /// <summary>Replace what is at the destination, even one of the sources.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Work in a job: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Adds to what will be merged.</summary>
    protected void Collect(IEnumerable<LoraSource> sources) => _sources.AddRange(sources);

    /// <summary>Merges what was collected.</summary>
    /// <param name="sources">At least one, with their ratios and block weights.</param>
    /// <param name="destination">Full path; nothing is there, or it may be replaced.</param>
    protected abstract void Merge(IReadOnlyList<LoraSource> sources, string destination);

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        if (_sources.Count == 0)
            return;
        CheckCount(Ratio, nameof(Ratio));
        if (BlockWeight.Length > 0)
            CheckCount(BlockWeight, nameof(BlockWeight));
        var destination = ResolveLiteralPath(DestinationPath);
        try
        {
            Destination.Check(destination, Force);
            Merge([.. _sources.Select(Weigh)], destination);
        }
        catch (Exception e) when (e is LoraPS.Engine.Runtime.EngineException or ArgumentException)
        {
            ThrowEngineError(e, destination);
        }
    }

    /// <summary>Merges into a LoRA, unless only asked what would happen.</summary>
    protected void MergeIntoLora(IReadOnlyList<LoraSource> sources, string destination, LoraMergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var preview = LoraMerger.Preview(sources, destination, options);
        var rank = options.Numbers.Rank is { } asked && options.Method != WeightedSumMerge.MethodName ? asked : preview.Rank;
        if (ShouldProcess($"Merge {Describe(sources)} by {options.Method} and write {preview.ModuleCount} modules of rank {rank} at most to {destination}.", null, null))
            WriteResult((events, stop) => LoraMerger.Merge(sources, destination, options, events, stop), AsJob, destination);
    }

    /// <summary>"a (rank 4) x 0.7, b (rank 8)": the sources in words, after seeing that each is a LoRA.</summary>
    protected static string Describe(IEnumerable<LoraSource> sources) => string.Join(", ", sources.Select(Describe));

    private static string Describe(LoraSource source)
    {
        var lora = LoraFile.Read(source.Path);
        var ratio = source.Ratio == 1 ? "" : string.Create(CultureInfo.CurrentCulture, $" x {source.Ratio}");
        var blocks = source.Blocks is null ? "" : $" [{source.Blocks}]";
        return $"{lora.Name} (rank {lora.Rank}){ratio}{blocks}";
    }

    private LoraSource Weigh(LoraSource source, int index) => source with
    {
        Ratio = source.Ratio * Of(Ratio, index),
        Blocks = BlockWeight.Length == 0 ? source.Blocks : Of(BlockWeight, index),
    };

    private static T Of<T>(T[] values, int index) => values[values.Length == 1 ? 0 : index];

    private void CheckCount(Array values, string parameter)
    {
        if (values.Length != 1 && values.Length != _sources.Count)
            ThrowEngineError(new ArgumentException($"-{parameter} has {values.Length} values for {_sources.Count} LoRAs. Give one for all, or one for each.", parameter), values);
    }
}
