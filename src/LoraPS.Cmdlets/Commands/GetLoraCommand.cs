using System.Management.Automation;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Temp.</summary>
[Cmdlet(VerbsCommon.Get, "Lora")]
public sealed class GetLoraCommand : PSCmdlet
{
    /// <summary>X.</summary>
    [Parameter] public RandomPurpose Purpose { get; set; }
    /// <inheritdoc/>
    protected override void ProcessRecord() { WriteObject(TorchRuntime.EnsureLoaded()); }
}
