using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training.Configuration;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Writes the settings of a training as a configuration file (TOML) of sd-scripts, which Start-LoraTraining -ConfigFile and train_network.py read.</summary>
/// <remarks>
/// Takes what Start-LoraTraining or Measure-LoraTraining wrote. The data set is described in a second file beside the first,
/// ".dataset.toml". Paths are full ones, the seed is that of the run, and only what is not the default is written. Settings
/// that sd-scripts does not know are named in a warning.
/// </remarks>
/// <example>
/// <para>Trains, and keeps with what.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Rank 16 |
///     Export-LoraTrainingConfig -DestinationPath ./kept.toml
/// </code>
/// </example>
/// <example>
/// <para>Writes the file without training.</para>
/// <code>
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Measure-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Rank 16 |
///     Export-LoraTrainingConfig -DestinationPath ./new.toml
/// </code>
/// </example>
[Cmdlet(VerbsData.Export, "LoraTrainingConfig", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportLoraTrainingConfigCommand : EngineCmdlet
{
    /// <summary>The settings: property Config of what Start-LoraTraining and Measure-LoraTraining write.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "The property Config of a training's result or plan.")]
    [ValidateNotNull]
    public TrainingConfig Config { get; set; } = null!;

    /// <summary>The file to write; ".toml" is added where it has no extension.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The configuration file to write.")]
    [Alias("output_config", "FilePath")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>Replace files that exist.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var path = ResolveLiteralPath(System.IO.Path.HasExtension(DestinationPath) ? DestinationPath : DestinationPath + ".toml");
        try
        {
            Destination.Check(path, Force);
            if (Config.Datasets.Count > 0)
                Destination.Check(TrainingConfigWriter.DatasetPathOf(path), Force);
            if (Config.Training.Samples.Prompts.Count > 0)
                Destination.Check(TrainingConfigWriter.PromptsPathOf(path), Force);
            if (TrainingConfigWriter.Unsaid(Config.Training) is { Count: > 0 } unsaid)
                WriteWarning($"sd-scripts does not know these settings, and the file does not hold them: {string.Join(", ", unsaid)}.");
            if (ShouldProcess($"Write the settings of {Config.OutputName} to {path}.", null, null))
                WriteObject(new FileInfo(TrainingConfigWriter.Write(path, Config)[^1]));
        }
        catch (EngineException e)
        {
            WriteEngineError(e, path);
        }
    }
}
