using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Data;
using LoraPS.Engine.Training;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Tells what Start-LoraTraining would do with the same parameters, as an object: pictures by size, steps, modules, parameters, memory, files.</summary>
/// <remarks>Reads headers alone and writes nothing. Start-LoraTraining -WhatIf tells the same as text.</remarks>
/// <example>
/// <para>Tells how many steps and how much memory a training needs.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Measure-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Rank 16 -MaxTrainEpochs 10
/// </code>
/// </example>
/// <example>
/// <para>Compares the memory of two settings.</para>
/// <code>
/// $dataset = New-LoraDataset ./photos -CaptionExtension .txt
/// foreach ($precision in 'no', 'bf16') {
///     ($dataset | Measure-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -MixedPrecision $precision).Memory
/// }
/// </code>
/// </example>
/// <example>
/// <para>Writes the settings as a configuration file of sd-scripts without training.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Measure-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Rank 16 |
///     Export-LoraTrainingConfig -DestinationPath ./new.toml
/// </code>
/// </example>
[Cmdlet(VerbsDiagnostic.Measure, "LoraTraining", DefaultParameterSetName = DatasetSet)]
[OutputType(typeof(TrainingPlan))]
public sealed class MeasureLoraTrainingCommand : TrainingCmdlet
{
    /// <inheritdoc/>
    protected override bool MayReplace => true;

    /// <inheritdoc/>
    protected override void Act(string model, LoraDataset dataset, TrainingOptions options) =>
        WriteObject(RunOnWorker((_, _) => LoraTrainer.Plan(model, dataset, options)));
}
