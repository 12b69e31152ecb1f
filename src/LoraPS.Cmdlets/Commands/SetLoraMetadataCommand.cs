using System.Collections;
using System.Globalization;
using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Lora;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Changes what LoRA files say of themselves. Tensors are copied byte for byte, and the hashes a file carries stay true.</summary>
/// <remarks>Files are changed in place unless -DestinationPath names another. Silent unless -PassThru is given.</remarks>
/// <example>
/// <para>Notes in a file what it is for.</para>
/// <code>Set-LoraMetadata ./cat.safetensors -Metadata @{ 'modelspec.description' = 'A cat, front and side' }</code>
/// </example>
/// <example>
/// <para>Writes a copy that does not tell the pictures it was trained on.</para>
/// <code>Set-LoraMetadata ./cat.safetensors -Remove ss_dataset_dirs, ss_tag_frequency -DestinationPath ./cat-public.safetensors -PassThru</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "LoraMetadata", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraMetadataEditResult))]
public sealed class SetLoraMetadataCommand : FilePathCmdlet
{
    /// <summary>Values by key; other keys stay. Numbers and true or false are written as text.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNull]
    public Hashtable Metadata { get; set; } = [];

    /// <summary>Keys to leave out, before values are set; <c>*</c> and <c>?</c> stand for any text and any character.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MetadataKeyCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Remove { get; set; } = [];

    /// <summary>Where the changed file goes: a file, or a folder that exists.</summary>
    /// <value>Default: it replaces the file that is read.</value>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("save_to", "SaveTo", "Destination")]
    [ValidateNotNullOrEmpty]
    public string? DestinationPath { get; set; }

    /// <summary>Replace a file at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes what was changed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        var destination = DestinationPath is null ? path : ResolveDestination(DestinationPath, path);
        if (!ShouldProcess(destination, "Change metadata"))
            return;
        var edit = new LoraMetadataEdit
        {
            Set = Metadata.Cast<DictionaryEntry>().ToDictionary(entry => $"{entry.Key}", entry => Convert.ToString(entry.Value, CultureInfo.InvariantCulture) ?? ""),
            Remove = Remove,
            Overwrite = Force || destination == path,
        };
        var result = RunOnWorker((_, stop) => LoraMetadataEditor.Edit(path, destination, edit, stop));
        if (PassThru)
            WriteObject(result);
    }
}
