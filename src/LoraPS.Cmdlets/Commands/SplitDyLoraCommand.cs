using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Takes LoRAs of lower ranks out of a DyLoRA file, which holds them all.</summary>
/// <remarks>Files are named after -DestinationPath, the rank put in: <c>out.safetensors</c> gives <c>out-0002.safetensors</c> and on.</remarks>
/// <example>
/// <para>Takes the LoRA of rank 2 out of a DyLoRA file.</para>
/// <code>Split-DyLora ./dylora.safetensors ./taken.safetensors -Rank 2</code>
/// </example>
/// <example>
/// <para>Takes out every fourth rank.</para>
/// <code>Split-DyLora ./dylora.safetensors ./taken.safetensors -Unit 4</code>
/// </example>
[Cmdlet(VerbsCommon.Split, "DyLora", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(LoraFile))]
public sealed class SplitDyLoraCommand : FileOutputCmdlet
{
    /// <summary>The ranks to take.</summary>
    /// <value>Default: every multiple of -Unit below the file's own.</value>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int[]? Rank { get; set; }

    /// <summary>Step from rank to rank, as the network was trained with.</summary>
    [Parameter]
    [Alias("unit_size", "UnitSize")]
    [ValidateRange(1, int.MaxValue)]
    public int Unit { get; set; } = new DyLoraSplitOptions().Unit;

    /// <inheritdoc/>
    protected override void ProcessFile(string path, string destination)
    {
        var options = new DyLoraSplitOptions { Ranks = Rank, Unit = Unit, Force = Force };
        var ranks = Rank is null ? $"every {Unit} ranks" : $"rank {string.Join(", ", Rank)}";
        var lora = LoraFile.Read(path);
        if (ShouldProcess($"Split {lora.Name} (rank {lora.Rank}) into {ranks} and write files named after {destination}.", null, null))
            WriteResult((events, stop) => DyLoraSplitter.Split(path, destination, options, events, stop), AsJob, destination);
    }

    // Its files have other names; the engine checks each.
    /// <inheritdoc/>
    protected override void CheckDestination(string destination, bool force)
    {
    }
}
