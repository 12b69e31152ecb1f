using System.Management.Automation;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Common;

/// <content>How a run goes on: files on the way, batches a step, validation, logs, caches.</content>
public abstract partial class TrainingCmdlet
{
    /// <summary>After how many steps the LoRA, and the state to resume from, are saved on the way.</summary>
    [Parameter]
    [Alias("save_every_n_steps", "SaveEveryNSteps")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveEverySteps { get; set; }

    /// <summary>How many times at least the run is saved on the way, counted in whole epochs.</summary>
    [Parameter]
    [Alias("save_n_epoch_ratio", "SaveNEpochRatio")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveEpochRatio { get; set; }

    /// <summary>How many LoRAs saved after epochs are kept; older ones are deleted.</summary>
    [Parameter]
    [Alias("save_last_n_epochs", "SaveLastNEpochs")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveLastEpochs { get; set; }

    /// <summary>How many states kept after epochs stay; as many as LoRAs where not given.</summary>
    [Parameter]
    [Alias("save_last_n_epochs_state", "SaveLastNEpochsState")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveLastEpochStates { get; set; }

    /// <summary>LoRAs saved after steps are deleted when they are more than this many steps old.</summary>
    [Parameter]
    [Alias("save_last_n_steps", "SaveLastNSteps")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveLastSteps { get; set; }

    /// <summary>States kept after steps are deleted when they are more than this many steps old; as LoRAs where not given.</summary>
    [Parameter]
    [Alias("save_last_n_steps_state", "SaveLastNStepsState")]
    [ValidateRange(1, int.MaxValue)]
    public int? SaveLastStepStates { get; set; }

    /// <summary>Keep a state beside each LoRA, from which the run can be taken up there.</summary>
    [Parameter]
    [Alias("save_state")]
    public SwitchParameter SaveState { get; set; }

    /// <summary>Keep the state when the run is finished, so that it can be taken up with more steps.</summary>
    [Parameter]
    [Alias("save_state_on_train_end")]
    public SwitchParameter SaveStateOnTrainEnd { get; set; }

    /// <summary>Batches whose gradients are averaged before the weights change once.</summary>
    [Parameter]
    [Alias("gradient_accumulation_steps")]
    [ValidateRange(1, int.MaxValue)]
    public int GradientAccumulationSteps { get; set; } = Defaults.GradientAccumulationSteps;

    /// <summary>What happens when a loss or its gradients are not finite numbers: Stop, or Skip the step with a warning.</summary>
    [Parameter]
    [Alias("OnNaN")]
    public NonFinitePolicy NonFinite { get; set; } = Defaults.NonFinite;

    /// <summary>After how many epochs the loss is measured on the pictures kept for that; each where not given.</summary>
    [Parameter]
    [Alias("validate_every_n_epochs", "ValidateEveryNEpochs")]
    [ValidateRange(1, int.MaxValue)]
    public int? ValidateEveryEpochs { get; set; }

    /// <summary>After how many steps it is measured, besides.</summary>
    [Parameter]
    [Alias("validate_every_n_steps", "ValidateEveryNSteps")]
    [ValidateRange(1, int.MaxValue)]
    public int? ValidateEverySteps { get; set; }

    /// <summary>How many batches are measured; all where not given.</summary>
    [Parameter]
    [Alias("max_validation_steps")]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxValidationSteps { get; set; }

    /// <summary>A file to which the run writes what happens, a line of JSON each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>A folder in which the run makes a file of events for TensorBoard.</summary>
    [Parameter]
    [Alias("logging_dir", "LoggingDir")]
    [ValidateNotNullOrEmpty]
    public string? TensorBoardPath { get; set; }

    /// <summary>A folder in which latents, and states of a text encoder that is not trained, are kept for later runs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>Prompts of pictures made on the way in a folder "sample" beside the LoRA, or prompt files of sd-scripts (.txt, .toml, .json). Options follow a prompt: --n negative prompt --w width --h height --d seed --s steps --l guidance scale --ss sampler.</summary>
    [Parameter]
    [Alias("sample_prompts", "SamplePrompts")]
    [ValidateNotNullOrEmpty]
    public string[] SamplePrompt { get; set; } = [];

    /// <summary>After how many steps sample pictures are made.</summary>
    [Parameter]
    [Alias("sample_every_n_steps", "SampleEverySteps")]
    [ValidateRange(1, int.MaxValue)]
    public int? SampleEveryNSteps { get; set; }

    /// <summary>After how many epochs sample pictures are made.</summary>
    [Parameter]
    [Alias("sample_every_n_epochs", "SampleEveryEpochs")]
    [ValidateRange(1, int.MaxValue)]
    public int? SampleEveryNEpochs { get; set; }

    /// <summary>Make sample pictures before the first step too.</summary>
    [Parameter]
    [Alias("sample_at_first")]
    public SwitchParameter SampleAtFirst { get; set; }

    /// <summary>The sampler of prompts that name none, by its name here or in sd-scripts.</summary>
    [Parameter]
    [Alias("sample_sampler")]
    [ArgumentCompleter(typeof(SamplerCompleter))]
    [ValidateNotNullOrEmpty]
    public string SampleSampler { get; set; } = Defaults.Samples.Sampler;

    private SampleOptions MakeSampleOptions(SampleOptions file) => new()
    {
        Prompts = IsGiven(nameof(SamplePrompt)) ? [.. SamplePrompt.SelectMany(text => SamplePromptFile.IsName(text) ? SamplePromptFile.Read(ResolveLiteralPath(text)) : [text])] : file.Prompts,
        EverySteps = Given(SampleEveryNSteps, file.EverySteps),
        EveryEpochs = Given(SampleEveryNEpochs, file.EveryEpochs),
        AtFirst = Given(SampleAtFirst, file.AtFirst),
        Sampler = Given(SampleSampler, file.Sampler),
    };

    private TrainingOptions AddRunning(TrainingOptions options) => options with
    {
        Samples = MakeSampleOptions(options.Samples),
        SaveEverySteps = Given(SaveEverySteps, options.SaveEverySteps),
        SaveEpochRatio = Given(SaveEpochRatio, IsGiven(nameof(SaveEveryEpochs)) ? null : options.SaveEpochRatio),
        SaveLastEpochs = Given(SaveLastEpochs, options.SaveLastEpochs),
        SaveLastEpochStates = Given(SaveLastEpochStates, options.SaveLastEpochStates),
        SaveLastSteps = Given(SaveLastSteps, options.SaveLastSteps),
        SaveLastStepStates = Given(SaveLastStepStates, options.SaveLastStepStates),
        SaveState = Given(SaveState, options.SaveState),
        SaveStateOnTrainEnd = Given(SaveStateOnTrainEnd, options.SaveStateOnTrainEnd),
        GradientAccumulationSteps = Given(GradientAccumulationSteps, options.GradientAccumulationSteps),
        NonFinite = Given(NonFinite, options.NonFinite),
        ValidateEveryEpochs = Given(ValidateEveryEpochs, options.ValidateEveryEpochs),
        ValidateEverySteps = Given(ValidateEverySteps, options.ValidateEverySteps),
        MaxValidationSteps = Given(MaxValidationSteps, options.MaxValidationSteps),
        LogPath = GivenPath(LogPath, options.LogPath),
        TensorBoardPath = GivenPath(TensorBoardPath, options.TensorBoardPath),
        CachePath = GivenPath(CachePath, options.CachePath),
    };
}
