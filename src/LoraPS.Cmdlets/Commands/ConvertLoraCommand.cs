using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Brings LoRA files into the form another program reads. The form they are in is told by their keys.</summary>
/// <remarks>Factors keep their bytes. What a form cannot hold is refused by name, never left out.</remarks>
/// <example>
/// <para>Writes a LoRA in the form that PEFT and diffusers read.</para>
/// <code>Convert-Lora ./cat.safetensors ./cat-peft.safetensors -To Peft</code>
/// </example>
/// <example>
/// <para>Writes the folder that the PEFT library loads; where the LoRA has a text encoder, one in it for each network.</para>
/// <code>Convert-Lora ./cat.safetensors ./cat-peft -To PeftFolder</code>
/// </example>
/// <example>
/// <para>Reads such a folder, here one that was just written.</para>
/// <code>Convert-Lora ./cat.safetensors ./cat-peft -To PeftFolder | Convert-Lora -DestinationPath ./cat-again.safetensors -To Kohya</code>
/// </example>
/// <example>
/// <para>Brings all LoRAs of a folder into the form of sd-scripts.</para>
/// <code>Get-ChildItem ./*.safetensors | Convert-Lora -DestinationPath ./small -To Kohya</code>
/// </example>
[Cmdlet(VerbsData.Convert, "Lora", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraConvertResult))]
public sealed class ConvertLoraCommand : FileOutputCmdlet
{
    /// <summary>The form to write: Kohya (sd-scripts and most programs), Peft (a file for diffusers), PeftFolder (a folder for the PEFT library), Diffusers and DiffusersProcessor (older), Cloneofsimo.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The form to write, such as Kohya or Peft.")]
    [Alias("Format")]
    public LoraFormat To { get; set; }

    /// <summary>Multiplies alpha/rank into up, also for a form that has alphas: older readers of PEFT files pass them over.</summary>
    [Parameter]
    public SwitchParameter FoldAlpha { get; set; }

    /// <summary>Leaves out tensors that are of no LoRA module, and warns, instead of refusing the file.</summary>
    [Parameter]
    public SwitchParameter SkipOther { get; set; }

    /// <inheritdoc/>
    protected override string DestinationOf(string path) => LoraConverter.DestinationOf(path, ResolveLiteralPath(DestinationPath), To);

    /// <inheritdoc/>
    protected override void ProcessFile(string path, string destination)
    {
        var options = new LoraConvertOptions { FoldAlpha = FoldAlpha, SkipOthers = SkipOther, Overwrite = Force };
        if (ShouldProcess($"Convert {path} to {To} and write {destination}.", null, null))
            WriteResult((events, stop) => LoraConverter.Convert(path, destination, To, options, events, stop), AsJob, destination);
    }
}
