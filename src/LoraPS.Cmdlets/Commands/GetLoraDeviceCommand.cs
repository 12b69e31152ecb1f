using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Lists the devices of this machine that can compute, the one that is taken unless another is named first.</summary>
/// <remarks>Which there are depends on libtorch too: the environment variable LORAPS_LIBTORCH names a folder with another one.</remarks>
/// <example>
/// <para>Lists the devices.</para>
/// <code>Get-LoraDevice</code>
/// </example>
/// <example>
/// <para>Trains on the second CUDA device where there is one.</para>
/// <code>
/// $device = (Get-LoraDevice).Name -contains 'cuda:1' ? 'cuda:1' : 'auto'
/// New-LoraDataset ./photos -CaptionExtension .txt |
///     Start-LoraTraining -Model ./sd15 -DestinationPath ./photos.safetensors -Device $device
/// </code>
/// </example>
[Cmdlet(VerbsCommon.Get, "LoraDevice")]
[OutputType(typeof(DeviceInfo))]
public sealed class GetLoraDeviceCommand : EngineCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            WriteObject(ComputeDevice.List(), enumerateCollection: true);
        }
        catch (EngineException e)
        {
            ThrowEngineError(e, null);
        }
    }
}
