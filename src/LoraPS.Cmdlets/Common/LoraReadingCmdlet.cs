using System.Management.Automation;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;

namespace LoraPS.Cmdlets.Common;

/// <summary>Base of commands that tell something of each LoRA: one that cannot be read is an error, and the others are told of.</summary>
public abstract class LoraReadingCmdlet : WorkerCmdlet
{
    /// <summary>Name of the parameter set of LoRAs with wildcards.</summary>
    protected const string LoraSet = "Lora";

    /// <summary>Name of the parameter set of LoRAs named exactly.</summary>
    protected const string LiteralPathSet = "LiteralPath";

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

    /// <summary>What is told of a LoRA; written item by item.</summary>
    /// <param name="source">The LoRA, with the block weights it carries.</param>
    protected abstract IEnumerable<object> Tell(LoraSource source);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var source in Lora.Concat(LiteralPath))
        {
            try
            {
                WriteObject(Tell(source), enumerateCollection: true);
            }
            catch (EngineException e)
            {
                WriteEngineError(e, source.Path);
            }
        }
    }
}
