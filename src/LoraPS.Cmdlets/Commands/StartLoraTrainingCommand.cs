using System.Globalization;
using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Trains a LoRA for a Stable Diffusion model and writes it to a file.</summary>
/// <remarks>
/// The option names of sd-scripts are aliases. It works in the foreground; Ctrl+C ends it after the step it is at, keeps what
/// was learned and says with which file the run can be taken up again.
/// </remarks>
/// <example>
/// <para>Trains a LoRA of rank 16.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt -Resolution 512 -Repeats 10 |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Rank 16 -Alpha 8 -MaxTrainSteps 1600 -Seed 42
/// </code>
/// </example>
/// <example>
/// <para>Tells what a training would do: steps, modules, and the files it would write.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -MaxTrainEpochs 10 -SaveEveryEpochs 2 -WhatIf
/// </code>
/// </example>
/// <example>
/// <para>Trains with the option names of sd-scripts and keeps the loss of every step.</para>
/// <code>
/// New-LoraDataset -dataset_config ./dataset.toml |
///     Start-LoraTraining -pretrained_model_name_or_path ./sd15 -output_name ./photos -network_dim 16 -network_alpha 8 -learning_rate 1e-4 -max_train_steps 1600 -IncludeStep |
///     ForEach-Object Loss
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "LoraTraining", SupportsShouldProcess = true)]
[OutputType(typeof(TrainingResult), typeof(TrainingStep))]
public sealed partial class StartLoraTrainingCommand : WorkerCmdlet
{
    private const double BytesPerGiB = 1L << 30;
    private static readonly TrainingOptions Defaults = new() { DestinationPath = "lora" };

    private LoraDataset? _dataset;

    /// <summary>Pictures and captions, as New-LoraDataset describes them. One data set a run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The data set that New-LoraDataset made.")]
    [ValidateNotNull]
    public LoraDataset Dataset { get; set; } = null!;

    /// <summary>The model: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The model: a .safetensors checkpoint or a diffusers folder.")]
    [Alias("pretrained_model_name_or_path", "PretrainedModelNameOrPath")]
    [ValidateNotNullOrEmpty]
    public string Model { get; set; } = "";

    /// <summary>The LoRA file to make; ".safetensors" is added where it is missing. Files saved on the way lie beside it.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The LoRA file to make.")]
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

    /// <summary>The tokenizer, where the model has none: a folder with vocab.json and merges.txt.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenizerPath { get; set; }

    /// <summary>Fetch a missing tokenizer (1.5 MB) from the Hugging Face Hub and keep it.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Free text kept in the file's metadata.</summary>
    [Parameter]
    [Alias("training_comment")]
    public string? TrainingComment { get; set; }

    /// <summary>Write a TrainingStep object for every step too, as it is done.</summary>
    [Parameter]
    public SwitchParameter IncludeStep { get; set; }

    /// <summary>Replace files that exist.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_dataset is not null)
            ThrowEngineError(new ArgumentException("A run trains on one data set. Describe several folders in one configuration file: New-LoraDataset -ConfigPath.", nameof(Dataset)), Dataset);
        _dataset = Dataset;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_dataset is null)
            return;
        try
        {
            Train(_dataset, ResolveLiteralPath(Model), MakeOptions());
        }
        catch (TrainingStoppedException e)
        {
            WarnWhileStopping(e.StatePath is null
                ? "Training was stopped before its first step; nothing was learned and nothing is kept."
                : $"Training was stopped after step {e.Step}. To go on, give the same command with -ResumePath '{e.StatePath}'.");
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, Model);
        }
    }

    /// <inheritdoc/>
    protected override EngineEvent Translate(EngineEvent engineEvent)
    {
        if (IncludeStep && engineEvent is TrainingStepEvent { Step: var step })
            WriteObject(step);
        return engineEvent;
    }

    private void Train(LoraDataset dataset, string model, TrainingOptions options)
    {
        var plan = RunOnWorker("Planning", (_, _) => LoraTrainer.Plan(model, dataset, options));
        if (ShouldProcess(Describe(plan, model), null, null))
            WriteObject(RunOnWorker("Training", (events, stop) => LoraTrainer.Train(model, dataset, options, events, stop)));
    }

    private string Describe(TrainingPlan plan, string model) => string.Create(CultureInfo.CurrentCulture, $"""
        Train a LoRA of rank {Rank} for {model}: {plan.ModuleCount} modules, {plan.ParameterCount:N0} parameters.
          {plan.Pictures} pictures; with repeats {plan.ItemsPerEpoch} an epoch, in {plan.Length.BatchesPerEpoch} batches
          Sizes: {string.Join(", ", plan.Buckets.Select(bucket => $"{bucket.Size} ({bucket.ImageCount})"))}
          {plan.Length.Steps} steps in {plan.Length.Epochs} epochs; about {plan.Memory.Total / BytesPerGiB:N1} GiB of memory
          Files: {string.Join(", ", plan.Paths)}
        """);

    private TrainingOptions MakeOptions() => AddRunning(AddObjective(new()
    {
        DestinationPath = ResolveLiteralPath(DestinationPath),
        Network = MakeNetworkOptions(),
        BaseWeights = [.. BaseWeight.Select((path, i) => new BaseWeights(ResolveLiteralPath(path), i < BaseWeightMultiplier.Length ? BaseWeightMultiplier[i] : 1))],
        MaxWeightNorm = MaxWeightNorm,
        Precision = MakePrecision(),
        GradientCheckpointing = GradientCheckpointing,
        Device = Device,
        LearningRate = LearningRate,
        UNetLearningRate = UNetLearningRate,
        TextEncoderLearningRate = TextEncoderLearningRate,
        LoraPlus = MakeLoraPlusOptions(),
        Optimizer = Optimizer,
        OptimizerArgs = OptimizerArgument,
        MaxTrainSteps = MaxTrainSteps,
        MaxTrainEpochs = MaxTrainEpochs,
        Seed = Seed,
        MaxGradNorm = MaxGradNorm,
        PriorLossWeight = PriorLossWeight,
        SaveEveryEpochs = SaveEveryEpochs,
        SaveDType = SaveDType,
        ClipSkip = ClipSkip,
        MaxTokenLength = MaxTokenLength,
        Overwrite = Force,
        ResumePath = ResumePath is null ? null : ResolveLiteralPath(ResumePath),
        TokenizerPath = TokenizerPath is null ? null : ResolveLiteralPath(TokenizerPath),
        AllowDownload = AllowDownload,
        TrainingComment = TrainingComment,
    }));
}
