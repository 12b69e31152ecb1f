using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Formats;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Reads what LoRA files say of themselves: one object a file, one property a key. Works on any safetensors file.</summary>
/// <example>
/// <para>Shows all that a file says of itself.</para>
/// <code>Get-LoraMetadata ./cat.safetensors</code>
/// </example>
/// <example>
/// <para>Compares the learning rates of all LoRAs of a folder.</para>
/// <code>Get-Lora ./*.safetensors | Get-LoraMetadata -Key ss_output_name, ss_learning_rate, ss_unet_lr</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "LoraMetadata", DefaultParameterSetName = PathSet)]
[OutputType(typeof(PSObject))]
public sealed class GetLoraMetadataCommand : FilePathCmdlet
{
    /// <summary>Keys; wildcards are allowed.</summary>
    /// <value>Default: all.</value>
    [Parameter]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Key { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var patterns = Key.Select(key => WildcardPattern.Get(key, WildcardOptions.IgnoreCase)).ToList();
        var described = new PSObject();
        foreach (var (key, value) in file.Metadata.Where(entry => patterns.Exists(pattern => pattern.IsMatch(entry.Key))).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            described.Properties.Add(new PSNoteProperty(key, value));
        WriteObject(described);
    }
}
