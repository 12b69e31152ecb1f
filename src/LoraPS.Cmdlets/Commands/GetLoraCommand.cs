using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Describes LoRA files: rank, alpha, layers, the model they are for, and their metadata.</summary>
/// <remarks>Reads only the header of each file and needs no libtorch.</remarks>
/// <example>
/// <para>Lists the LoRAs of a folder.</para>
/// <code>Get-Lora ./*.safetensors</code>
/// </example>
/// <example>
/// <para>Finds the five LoRAs of the highest rank.</para>
/// <code>
/// Get-Lora ./*.safetensors |
///     Sort-Object Rank -Descending |
///     Select-Object -First 5
/// </code>
/// </example>
[Cmdlet(VerbsCommon.Get, "Lora", DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraFile))]
public sealed class GetLoraCommand : FilePathCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessFile(string path) => WriteObject(LoraFile.Read(path));
}
