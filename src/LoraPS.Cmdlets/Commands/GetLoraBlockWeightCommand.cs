using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

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
public sealed class GetLoraBlockWeightCommand : EngineCmdlet
{
    private const string LoraSet = "Lora";
    private const string LiteralPathSet = "LiteralPath";
    private const string PresetSet = "Preset";

    /// <summary>LoRA files, with wildcards, or LoRAs from Get-Lora or Set-LoraBlockWeight.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = LoraSet, HelpMessage = "The LoRA files; wildcards are allowed.")]
    [Alias("Path")]
    [LoraSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] Lora { get; set; } = [];

    /// <summary>LoRA files, named exactly.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, HelpMessage = "The LoRA files, named exactly.")]
    [Alias("PSPath")]
    [LoraSourceTransformation(IsLiteral = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] LiteralPath { get; set; } = [];

    /// <summary>Lists the presets.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PresetSet, HelpMessage = "Lists the presets.")]
    public SwitchParameter ListPreset { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ListPreset)
            WriteObject(BlockPresets.All, enumerateCollection: true);
        foreach (var source in Lora.Concat(LiteralPath))
        {
            try
            {
                WriteObject(LoraBlock.Of(source), enumerateCollection: true);
            }
            catch (EngineException e)
            {
                WriteEngineError(e, source.Path);
            }
        }
    }
}
