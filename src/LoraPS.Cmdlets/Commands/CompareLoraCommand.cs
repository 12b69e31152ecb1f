using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Inspection;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Compares what LoRA files do to a model with what another does, whatever their ranks, alphas and types.</summary>
/// <example>
/// <para>Tells how much two LoRAs differ.</para>
/// <code>Compare-Lora ./cat.safetensors ./style.safetensors</code>
/// </example>
/// <example>
/// <para>Tells how much of a LoRA is lost by making it smaller.</para>
/// <code>
/// Resize-Lora ./cat.safetensors ./cat-small.safetensors -Rank 2
/// Compare-Lora ./cat.safetensors ./cat-small.safetensors
/// </code>
/// </example>
[Cmdlet(VerbsData.Compare, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraComparisonResult))]
public sealed class CompareLoraCommand : FilePathCmdlet
{
    /// <summary>The LoRA that the others are compared with; differences are told as shares of its norm.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The LoRA that the others are compared with.")]
    [Alias("ReferencePath")]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Reference { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        var reference = ResolveLiteralPath(Reference);
        WriteObject(RunOnWorker((events, stop) => LoraComparison.Compare(reference, path, events, stop)));
    }
}
