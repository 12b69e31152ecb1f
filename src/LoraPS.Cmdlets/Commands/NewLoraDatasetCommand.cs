using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Describes the pictures and captions of a folder, or of a configuration file, for a training. Reads no pixels and needs no libtorch.</summary>
/// <remarks>The reference's option names are aliases. A picture that cannot be read is left out with a warning.</remarks>
/// <example>
/// <para>Describes a folder of pictures with captions beside them.</para>
/// <code>New-LoraDataset ./photos -CaptionExtension .txt -Resolution 512 -Repeats 10 -BatchSize 2</code>
/// </example>
/// <example>
/// <para>Reads a configuration of sd-scripts and shows the buckets its pictures fall into.</para>
/// <code>(New-LoraDataset -ConfigPath ./dataset.toml).Groups.Buckets</code>
/// </example>
/// <example>
/// <para>Shows the pictures that have no caption.</para>
/// <code>(New-LoraDataset ./photos -CaptionExtension .txt).Entries | Where-Object Caption -eq ''</code>
/// </example>
[Cmdlet(VerbsCommon.New, "LoraDataset", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraDataset))]
public sealed class NewLoraDatasetCommand : WorkerCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string ConfigPathSet = "ConfigPath";
    private const int UsualSide = 512;

    private static readonly DatasetOptions DatasetDefaults = new();
    private static readonly SubsetOptions SubsetDefaults = new();

    /// <summary>Folders; wildcards are allowed. Each makes a data set of its own.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PathSet, HelpMessage = "The folder of pictures; wildcards are allowed.")]
    [Alias("train_data_dir", "image_dir", "TrainDataDir", "ImageDir")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Folders, named exactly.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet, HelpMessage = "The folder of pictures, named exactly.")]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A folder of regularisation pictures, in folders like "1_cat" or not; they are repeated until they are as many as the others.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [Alias("reg_data_dir", "RegDataDir")]
    [ValidateNotNullOrEmpty]
    public string? RegularizationPath { get; set; }

    /// <summary>A .toml or .json file as sd-scripts reads it; the other parameters count where it is silent.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ConfigPathSet, HelpMessage = "The configuration file, .toml or .json.")]
    [Alias("dataset_config", "DatasetConfig")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "";

    /// <summary>Size whose area pictures are brought to, or their exact size without buckets: one side, or width and height.</summary>
    /// <value>Pixels; default 512 for a folder. A configuration has no default.</value>
    [Parameter]
    [ImageSizeTransformation]
    public ImageSize? Resolution { get; set; }

    /// <summary>Pictures a batch.</summary>
    [Parameter]
    [Alias("train_batch_size", "batch_size", "TrainBatchSize")]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; } = DatasetDefaults.BatchSize;

    /// <summary>How often each picture is seen in an epoch, where the folder's name does not say it.</summary>
    [Parameter]
    [Alias("num_repeats", "dataset_repeats", "NumRepeats", "DatasetRepeats")]
    [ValidateRange(1, int.MaxValue)]
    public int Repeats { get; set; } = SubsetDefaults.Repeats;

    /// <summary>Caption of pictures that have no caption file.</summary>
    [Parameter]
    [Alias("class_tokens")]
    public string? ClassTokens { get; set; }

    /// <summary>Ending of caption files.</summary>
    [Parameter]
    [Alias("caption_extension", "caption_extention", "CaptionExtention")]
    [ValidateNotNullOrEmpty]
    public string CaptionExtension { get; set; } = SubsetDefaults.CaptionExtension;

    /// <summary>Text that stands between a caption's tags.</summary>
    [Parameter]
    [Alias("caption_separator")]
    [ValidateNotNullOrEmpty]
    public string CaptionSeparator { get; set; } = SubsetDefaults.Caption.Separator;

    /// <summary>Text set before each caption.</summary>
    [Parameter]
    [Alias("caption_prefix")]
    public string? CaptionPrefix { get; set; }

    /// <summary>Text set after each caption.</summary>
    [Parameter]
    [Alias("caption_suffix")]
    public string? CaptionSuffix { get; set; }

    /// <summary>Text that becomes the caption separator in the end, so that tags joined by it stay together.</summary>
    [Parameter]
    [Alias("secondary_separator")]
    [ValidateNotNullOrEmpty]
    public string? SecondarySeparator { get; set; }

    /// <summary>Share of draws that get an empty caption.</summary>
    [Parameter]
    [Alias("caption_dropout_rate")]
    [ValidateRange(0.0, 1.0)]
    public double CaptionDropoutRate { get; set; } = SubsetDefaults.Caption.DropoutRate;

    /// <summary>Every so many epochs all captions are empty; 0 never.</summary>
    [Parameter]
    [Alias("caption_dropout_every_n_epochs")]
    [ValidateRange(0, int.MaxValue)]
    public int CaptionDropoutEveryNEpochs { get; set; } = SubsetDefaults.Caption.DropoutEveryNEpochs;

    /// <summary>Share of tags that are left out of each drawn caption.</summary>
    [Parameter]
    [Alias("caption_tag_dropout_rate")]
    [ValidateRange(0.0, 1.0)]
    public double CaptionTagDropoutRate { get; set; } = SubsetDefaults.Caption.TagDropoutRate;

    /// <summary>Puts tags in random order each time a caption is drawn.</summary>
    [Parameter]
    [Alias("shuffle_caption")]
    public SwitchParameter ShuffleCaption { get; set; }

    /// <summary>How many tags at the front keep their place.</summary>
    [Parameter]
    [Alias("keep_tokens")]
    [ValidateRange(0, int.MaxValue)]
    public int KeepTokens { get; set; } = SubsetDefaults.Caption.KeepTokens;

    /// <summary>Text that ends the tags that keep their place.</summary>
    [Parameter]
    [Alias("keep_tokens_separator")]
    public string? KeepTokensSeparator { get; set; }

    /// <summary>How many tags are used at the first step, where more come with time.</summary>
    [Parameter]
    [Alias("token_warmup_min")]
    [ValidateRange(1, int.MaxValue)]
    public int TokenWarmupMin { get; set; } = SubsetDefaults.Caption.TokenWarmupMin;

    /// <summary>Steps until all tags are used; below 1 a share of the whole run; 0 uses all from the start.</summary>
    [Parameter]
    [Alias("token_warmup_step")]
    [ValidateRange(0.0, double.MaxValue)]
    public double TokenWarmupStep { get; set; } = SubsetDefaults.Caption.TokenWarmupStep;

    /// <summary>Draws one line of a caption file, and one of <c>{a|b|c}</c>.</summary>
    [Parameter]
    [Alias("enable_wildcard")]
    public SwitchParameter EnableWildcard { get; set; }

    /// <summary>Mirrors each drawn picture with probability one half.</summary>
    [Parameter]
    [Alias("flip_aug", "FlipAug")]
    public SwitchParameter FlipAugmentation { get; set; }

    /// <summary>Crops at a random place instead of the middle.</summary>
    [Parameter]
    [Alias("random_crop")]
    public SwitchParameter RandomCrop { get; set; }

    /// <summary>Where a picture is transparent it counts less in the loss.</summary>
    [Parameter]
    [Alias("alpha_mask")]
    public SwitchParameter AlphaMask { get; set; }

    /// <summary>Follow links that lead out of the pictures' folder; a folder from elsewhere may hold links to any file of this machine.</summary>
    [Parameter]
    public SwitchParameter FollowLink { get; set; }

    /// <summary>Folder of masks: pictures of the same names, black where theirs do not count.</summary>
    [Parameter]
    [Alias("conditioning_data_dir", "ConditioningDataDir")]
    [ValidateNotNullOrEmpty]
    public string? MaskPath { get; set; }

    /// <summary>How pictures are resized.</summary>
    [Parameter]
    [Alias("resize_interpolation", "ResizeInterpolation")]
    public ResizeInterpolation Interpolation { get; set; } = DatasetDefaults.Interpolation;

    /// <summary>Keeps pictures near their aspect ratio instead of cropping all to one size.</summary>
    [Parameter]
    [Alias("enable_bucket")]
    public SwitchParameter EnableBucket { get; set; }

    /// <summary>Shortest side of a bucket, in pixels.</summary>
    [Parameter]
    [Alias("min_bucket_reso", "MinBucketReso")]
    [ValidateRange(1, int.MaxValue)]
    public int MinBucketResolution { get; set; } = DatasetDefaults.MinBucketResolution;

    /// <summary>Longest side of a bucket, in pixels.</summary>
    [Parameter]
    [Alias("max_bucket_reso", "MaxBucketReso")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxBucketResolution { get; set; } = DatasetDefaults.MaxBucketResolution;

    /// <summary>Sides of buckets are multiples of this, in pixels.</summary>
    [Parameter]
    [Alias("bucket_reso_steps", "BucketResoSteps")]
    [ValidateRange(1, int.MaxValue)]
    public int BucketResolutionSteps { get; set; } = DatasetDefaults.BucketResolutionSteps;

    /// <summary>Never enlarges a picture.</summary>
    [Parameter]
    [Alias("bucket_no_upscale")]
    public SwitchParameter BucketNoUpscale { get; set; }

    /// <summary>Share of each folder's pictures that is kept from training to measure the loss on.</summary>
    [Parameter]
    [Alias("validation_split")]
    [ValidateRange(0.0, 1.0)]
    public double ValidationSplit { get; set; } = DatasetDefaults.ValidationSplit;

    /// <summary>Seed of the choice of these pictures; the training's where not given.</summary>
    [Parameter]
    [Alias("validation_seed")]
    public int? ValidationSeed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ConfigPathSet)
        {
            var (config, folder) = (ResolveLiteralPath(ConfigPath), SessionState.Path.CurrentFileSystemLocation.ProviderPath);
            WriteDataset(config, events => LoraDataset.FromConfig(config, MakeDatasetOptions(), MakeSubsetOptions(), events, folder));
        }

        var regularization = RegularizationPath is null ? null : ResolveLiteralPath(RegularizationPath);
        foreach (var folder in ResolvePaths(Path, LiteralPath))
            WriteDataset(folder, events => LoraDataset.FromFolder(folder, MakeDatasetOptions(), MakeSubsetOptions(), events, regularization));
    }

    private void WriteDataset(string source, Func<IProgress<EngineEvent>, LoraDataset> make)
    {
        try
        {
            WriteObject(RunOnWorker((events, _) => make(events)));
        }
        catch (EngineException e)
        {
            WriteEngineError(e, source);
        }
        catch (ArgumentException e)
        {
            ThrowEngineError(e, source);
        }
    }

    private DatasetOptions MakeDatasetOptions() => new()
    {
        Resolution = Resolution ?? (ParameterSetName == ConfigPathSet ? null : new(UsualSide, UsualSide)),
        BatchSize = BatchSize,
        EnableBucket = EnableBucket,
        MinBucketResolution = MinBucketResolution,
        MaxBucketResolution = MaxBucketResolution,
        BucketResolutionSteps = BucketResolutionSteps,
        BucketNoUpscale = BucketNoUpscale,
        Interpolation = Interpolation,
        ValidationSplit = ValidationSplit,
        ValidationSeed = ValidationSeed,
    };

    private SubsetOptions MakeSubsetOptions() => new()
    {
        Repeats = Repeats,
        ClassTokens = ClassTokens,
        CaptionExtension = CaptionExtension,
        Caption = MakeCaptionOptions(),
        FlipAugmentation = FlipAugmentation,
        RandomCrop = RandomCrop,
        AlphaMask = AlphaMask,
        MaskDirectory = MaskPath is null ? null : ResolveLiteralPath(MaskPath),
        FollowLinks = FollowLink,
    };

    private CaptionOptions MakeCaptionOptions() => new()
    {
        Shuffle = ShuffleCaption,
        Separator = CaptionSeparator,
        KeepTokens = KeepTokens,
        KeepTokensSeparator = KeepTokensSeparator,
        EnableWildcard = EnableWildcard,
        SecondarySeparator = SecondarySeparator,
        Prefix = CaptionPrefix,
        Suffix = CaptionSuffix,
        DropoutRate = CaptionDropoutRate,
        DropoutEveryNEpochs = CaptionDropoutEveryNEpochs,
        TagDropoutRate = CaptionTagDropoutRate,
        TokenWarmupMin = TokenWarmupMin,
        TokenWarmupStep = TokenWarmupStep,
    };
}
