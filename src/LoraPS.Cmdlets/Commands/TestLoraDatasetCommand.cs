using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Tells whether every picture of a data set can be used as it is: true or false, or with -Detailed everything that was found.</summary>
/// <remarks>
/// All pictures are decoded. Found are unreadable files, missing captions, pictures with the same pixels, and pictures that are
/// trained larger than they are; the last do not count against the data set. Without -Detailed the findings are verbose messages.
/// </remarks>
/// <example>
/// <para>Looks at a folder before hours are spent on it.</para>
/// <code>New-LoraDataset ./photos -CaptionExtension .txt | Test-LoraDataset -Verbose</code>
/// </example>
/// <example>
/// <para>Tables the pictures that have the same pixels as another one.</para>
/// <code>(New-LoraDataset ./photos -CaptionExtension .txt | Test-LoraDataset -Detailed).Duplicates</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "LoraDataset")]
[OutputType(typeof(bool))]
[OutputType(typeof(DatasetReport))]
public sealed class TestLoraDatasetCommand : WorkerCmdlet
{
    /// <summary>Pictures and captions, as New-LoraDataset describes them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The data set that New-LoraDataset made.")]
    [ValidateNotNull]
    public LoraDataset Dataset { get; set; } = null!;

    /// <summary>Writes what was found instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var report = RunOnWorker((events, stop) => DatasetInspector.Inspect(Dataset, events, stop));
            if (Detailed)
                WriteObject(report);
            else
                Judge(report);
        }
        catch (EngineException e)
        {
            WriteEngineError(e, Dataset.Source);
        }
    }

    private void Judge(DatasetReport report)
    {
        foreach (var skipped in report.Skipped)
            WriteVerbose($"{skipped.Path}: {skipped.Reason}");
        Tell(report.Unreadable, picture => picture.Problem);
        Tell(report.WithoutCaption, _ => "it has no caption");
        Tell(report.Duplicates, picture => $"it has the same pixels as {picture.DuplicateOf}");
        Tell(report.Enlarged, picture => $"it is {picture.Size} and trained at {picture.Bucket}");
        WriteObject(report.IsClean);
    }

    private void Tell(IEnumerable<PictureReport> pictures, Func<PictureReport, string?> what)
    {
        foreach (var picture in pictures)
            WriteVerbose($"{picture.Path}: {what(picture)}");
    }
}
