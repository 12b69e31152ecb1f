using System.Globalization;
using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Data;
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
/// <example>
/// <para>Trains what a configuration file of sd-scripts describes, with another number of steps.</para>
/// <code>Start-LoraTraining -ConfigFile ./train.toml -MaxTrainSteps 800</code>
/// </example>
/// <example>
/// <para>Trains in the background, looks at the progress and takes the result.</para>
/// <code>
/// $job = New-LoraDataset ./photos -CaptionExtension .txt |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -AsJob
/// $job | Receive-Job -Wait
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "LoraTraining", SupportsShouldProcess = true, DefaultParameterSetName = DatasetSet)]
[OutputType(typeof(TrainingResult), typeof(TrainingStep), typeof(Job))]
public sealed class StartLoraTrainingCommand : TrainingCmdlet
{
    private const double BytesPerGiB = 1L << 30;

    /// <summary>Write a TrainingStep object for every step too, as it is done.</summary>
    [Parameter]
    public SwitchParameter IncludeStep { get; set; }

    /// <summary>Replace files that exist.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Train in a job: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest. A stopped job leaves the state to go on from, as Ctrl+C does.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override bool MayReplace => Force;

    /// <inheritdoc/>
    protected override void Act(string model, LoraDataset dataset, TrainingOptions options)
    {
        var plan = RunOnWorker((_, _) => LoraTrainer.Plan(model, dataset, options));
        if (ShouldProcess(Describe(plan, model, options), null, null))
            WriteResult((events, stop) => LoraTrainer.Train(model, dataset, options, events, stop), AsJob, model);
    }

    /// <inheritdoc/>
    protected override object? ResultIn(EngineEvent engineEvent) => IncludeStep && engineEvent is TrainingStepEvent { Step: var step } ? step : null;

    /// <inheritdoc/>
    protected override string Stopped(OperationCanceledException exception) => exception switch
    {
        TrainingStoppedException { StatePath: { } state, Step: var step } =>
            $"Training was stopped after step {step}. To go on, give the same command with -ResumePath '{state}'.",
        _ => "Training was stopped before its first step; nothing was learned and nothing is kept.",
    };

    private static string Describe(TrainingPlan plan, string model, TrainingOptions options) => string.Create(CultureInfo.CurrentCulture, $"""
        Train a LoRA of rank {options.Network.Rank} for {model}: {plan.ModuleCount} modules, {plan.ParameterCount:N0} parameters.
          {plan.Pictures} pictures; with repeats {plan.ItemsPerEpoch} an epoch, in {plan.Length.BatchesPerEpoch} batches
          Sizes: {string.Join(", ", plan.Buckets.Select(bucket => $"{bucket.Size} ({bucket.ImageCount})"))}
          {plan.Length.Steps} steps in {plan.Length.Epochs} epochs; about {plan.Memory.Total / BytesPerGiB:N1} GiB of memory
          Files: {string.Join(", ", plan.Paths)}{(plan.SamplePictures == 0 ? "" : $", and {plan.SamplePictures} sample pictures")}
        """);
}
