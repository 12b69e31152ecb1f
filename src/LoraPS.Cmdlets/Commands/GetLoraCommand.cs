using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Describes LoRA files: rank, alpha, layers, the model they are for, and their metadata.</summary>
/// <remarks>Reads only the header of each file and needs no libtorch.</remarks>
[Cmdlet(VerbsCommon.Get, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraFile))]
public sealed class GetLoraCommand : FilePathCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessFile(string path) => WriteObject(LoraFile.Read(path));
}
