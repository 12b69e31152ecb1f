using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Inspection;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Compares what LoRA files do to a model with what another does, whatever their ranks, alphas and types.</summary>
[Cmdlet(VerbsData.Compare, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraComparisonResult))]
public sealed class CompareLoraCommand : FilePathCmdlet
{
    /// <summary>The LoRA that the others are compared with; differences are told as shares of its norm.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The LoRA that the others are compared with.")]
    [Alias("ReferencePath")]
    [ValidateNotNullOrEmpty]
    public string Reference { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        var reference = ResolveLiteralPath(Reference);
        WriteObject(RunOnWorker("Comparing", (events, stop) => LoraComparison.Compare(reference, path, events, stop)));
    }
}
