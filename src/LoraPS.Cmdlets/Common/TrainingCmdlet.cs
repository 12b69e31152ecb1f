using System.Management.Automation;
using System.Runtime.CompilerServices;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.Configuration;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that take all there is to say of a training: by parameters, by a configuration file of sd-scripts, or both.</summary>
public abstract partial class TrainingCmdlet : WorkerCmdlet
{
    /// <summary>The parameter set of a data set from New-LoraDataset.</summary>
    protected const string DatasetSet = "Dataset";

    /// <summary>The parameter set of a configuration file.</summary>
    protected const string ConfigFileSet = "ConfigFile";

    private static readonly TrainingOptions Defaults = new() { DestinationPath = "lora" };

    private LoraDataset? _dataset;

    /// <summary>Pictures and captions, as New-LoraDataset describes them. One data set a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = DatasetSet, HelpMessage = "The data set that New-LoraDataset made.")]
    [Parameter(ValueFromPipeline = true, ParameterSetName = ConfigFileSet)]
    [ValidateNotNull]
    public LoraDataset? Dataset { get; set; }

    /// <summary>A configuration file (TOML) of sd-scripts' train_network.py: everything that no parameter says is taken from it, the data set too. Relative paths in it start at the current location, as there.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ConfigFileSet, HelpMessage = "The configuration file of sd-scripts.")]
    [Alias("config_file")]
    [ValidateNotNullOrEmpty]
    public string? ConfigFile { get; set; }

    /// <summary>The model: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatasetSet, HelpMessage = "The model: a .safetensors checkpoint or a diffusers folder.")]
    [Parameter(ParameterSetName = ConfigFileSet)]
    [Alias("pretrained_model_name_or_path", "PretrainedModelNameOrPath")]
    [ValidateNotNullOrEmpty]
    public string Model { get; set; } = "";

    /// <summary>The LoRA file to make; ".safetensors" is added where it is missing. Files saved on the way lie beside it.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatasetSet, HelpMessage = "The LoRA file to make.")]
    [Parameter(ParameterSetName = ConfigFileSet)]
    [Alias("output_name", "OutputName", "Destination")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Training steps; one batch each.</summary>
    [Parameter]
    [Alias("max_train_steps", "Steps")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxTrainSteps { get; set; } = Defaults.MaxTrainSteps;

    /// <summary>Passes over the data; counts instead of MaxTrainSteps where given.</summary>
    [Parameter]
    [Alias("max_train_epochs", "Epochs")]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxTrainEpochs { get; set; }

    /// <summary>Seed of everything random in the run. Drawn, and told in the result, where not given.</summary>
    [Parameter]
    public long? Seed { get; set; }

    /// <summary>After how many epochs the LoRA and the state are saved on the way.</summary>
    [Parameter]
    [Alias("save_every_n_epochs", "SaveEveryNEpochs")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveEveryEpochs { get; set; }

    /// <summary>Float type of the LoRA files: F32, F16 or BF16.</summary>
    [Parameter]
    [Alias("save_precision", "SavePrecision")]
    [DTypeTransformation]
    public SafetensorsDType SaveDType { get; set; } = Defaults.SaveDType;

    /// <summary>Which layer of the text encoder is used, counted from the end: 1 is the last.</summary>
    [Parameter]
    [Alias("clip_skip")]
    [ValidateRange(1, int.MaxValue)]
    public int? ClipSkip { get; set; }

    /// <summary>Tokens of a caption that are used: 75, 150 or 225.</summary>
    [Parameter]
    [Alias("max_token_length")]
    [ValidateSet("75", "150", "225")]
    public int MaxTokenLength { get; set; } = Defaults.MaxTokenLength;

    /// <summary>State file of a stopped run to go on with. Give the other settings as they were.</summary>
    [Parameter]
    [Alias("resume")]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ResumePath { get; set; }

    /// <summary>A VAE in the place of the model's own: a .safetensors or .ckpt file, or a diffusers folder.</summary>
    [Parameter]
    [Alias("vae")]
    [ValidateNotNullOrEmpty]
    public string? VaePath { get; set; }

    /// <summary>The tokenizer, where the model has none: a folder with vocab.json and merges.txt.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenizerPath { get; set; }

    /// <summary>Fetch a missing tokenizer (1.5 MB) from the Hugging Face Hub and keep it.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Whether files that exist may be replaced.</summary>
    protected abstract bool MayReplace { get; }

    /// <summary>Does what the command is there for.</summary>
    /// <param name="model">Full path of the model.</param>
    /// <param name="dataset">The pictures.</param>
    /// <param name="options">All other settings.</param>
    /// <exception cref="EngineException">It cannot be done; the command ends with this error.</exception>
    protected abstract void Act(string model, LoraDataset dataset, TrainingOptions options);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (_dataset is not null)
            ThrowEngineError(new ArgumentException("A run trains on one data set. Describe several folders in one configuration file: New-LoraDataset -ConfigPath.", nameof(Dataset)), Dataset);
        _dataset = Dataset;
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        if (_dataset is null && ConfigFile is null)
            return;
        try
        {
            var config = ReadConfig();
            var model = GivenPath(Model, config.ModelPath)
                ?? throw new ArgumentException("The configuration names no model: give -Model, or pretrained_model_name_or_path in the file.", nameof(Model));
            var options = MakeOptions(config.Training);
            Act(model, _dataset ?? RunOnWorker((events, _) => config.OpenDataset(events)), options);
        }
        catch (TrainingStoppedException e)
        {
            WarnWhileStopping(Stopped(e));
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, ConfigFile ?? Model);
        }
    }

    /// <summary>What the file says, or the defaults where there is none.</summary>
    private TrainingConfig ReadConfig()
    {
        if (ConfigFile is null)
            return new() { Training = Defaults };
        var config = TrainingConfigReader.Read(ResolveLiteralPath(ConfigFile), SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        if (config.Ignored.Count > 0)
            WriteWarning($"{ConfigFile} has options that change nothing here and are passed over: {string.Join(", ", config.Ignored)}.");
        return config;
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>A parameter's value where it was given, and else the file's.</summary>
    private T Given<T>(T value, T otherwise, [CallerArgumentExpression(nameof(value))] string parameter = "") => IsGiven(parameter) ? value : otherwise;

    private bool Given(SwitchParameter value, bool otherwise, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        IsGiven(parameter) ? value.IsPresent : otherwise;

    private string? GivenPath(string? value, string? otherwise, [CallerArgumentExpression(nameof(value))] string parameter = "") =>
        IsGiven(parameter) && value is not null ? ResolveLiteralPath(value) : otherwise;

    private TrainingOptions MakeOptions(TrainingOptions file) => AddDescription(AddRunning(AddObjective(file with
    {
        DestinationPath = GivenPath(DestinationPath, file.DestinationPath)!,
        Network = MakeNetworkOptions(file.Network),
        BaseWeights = MakeBaseWeights(file.BaseWeights),
        MaxWeightNorm = Given(MaxWeightNorm, file.MaxWeightNorm),
        Precision = MakePrecision(file.Precision),
        GradientCheckpointing = Given(GradientCheckpointing, file.GradientCheckpointing),
        Device = Given(Device, file.Device),
        LearningRate = Given(LearningRate, file.LearningRate),
        UNetLearningRate = Given(UNetLearningRate, file.UNetLearningRate),
        TextEncoderLearningRate = Given(TextEncoderLearningRate, file.TextEncoderLearningRate),
        LoraPlus = MakeLoraPlusOptions(file.LoraPlus),
        Optimizer = Given(Optimizer, file.Optimizer),
        OptimizerArgs = Given(OptimizerArgument, file.OptimizerArgs, nameof(OptimizerArgument)),
        MaxTrainSteps = Given(MaxTrainSteps, file.MaxTrainSteps),
        MaxTrainEpochs = Given(MaxTrainEpochs, IsGiven(nameof(MaxTrainSteps)) ? null : file.MaxTrainEpochs),
        Seed = Given(Seed, file.Seed),
        MaxGradNorm = Given(MaxGradNorm, file.MaxGradNorm),
        PriorLossWeight = Given(PriorLossWeight, file.PriorLossWeight),
        SaveEveryEpochs = Given(SaveEveryEpochs, file.SaveEveryEpochs),
        SaveDType = Given(SaveDType, file.SaveDType),
        ClipSkip = Given(ClipSkip, file.ClipSkip),
        MaxTokenLength = Given(MaxTokenLength, file.MaxTokenLength),
        Overwrite = MayReplace,
        ResumePath = GivenPath(ResumePath, file.ResumePath),
        VaePath = GivenPath(VaePath, file.VaePath),
        TokenizerPath = GivenPath(TokenizerPath, file.TokenizerPath),
        AllowDownload = Given(AllowDownload, file.AllowDownload),
    })));
}
