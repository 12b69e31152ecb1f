using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Shows how strongly LoRAs count in each block they change, or the presets there are.</summary>
/// <example>
/// <para>Shows how strongly a LoRA counts in each block.</para>
/// <code>Get-LoraBlockWeight ./cat.safetensors</code>
/// </example>
/// <example>
/// <para>Lists the presets that Set-LoraBlockWeight knows.</para>
/// <code>Get-LoraBlockWeight -ListPreset</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "LoraBlockWeight", DefaultParameterSetName = LoraSet)]
[OutputType(typeof(LoraBlock), ParameterSetName = [LoraSet, LiteralPathSet])]
[OutputType(typeof(BlockPreset), ParameterSetName = [PresetSet])]
public sealed class GetLoraBlockWeightCommand : LoraReadingCmdlet
{
    private const string PresetSet = "Preset";

    /// <summary>Lists the presets.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PresetSet, HelpMessage = "Lists the presets.")]
    public SwitchParameter ListPreset { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ListPreset)
            WriteObject(BlockPresets.All, enumerateCollection: true);
        base.ProcessRecord();
    }

    /// <inheritdoc/>
    protected override IEnumerable<object> Tell(LoraSource source) => LoraBlock.Of(source);
}
